-- luacheck: ignore 631 (annotations are one line each)
-- stubs_head.lua - what the stubs say of everything that is no operation, by hand.
-- spec/onelogin/generated_spec.lua holds it against the module, so nothing public is left out.

local head = {}

-- Blank lines inside the class of the client would end it.
head.types = [=[
--- The JSON null: what nulls = "sentinel" reads and what sending null takes.
---@class onelogin.null

---@alias onelogin.Kind "network"|"timeout"|"cancelled"|"auth"|"permission"|"denied"|"not_found"|"conflict"|"invalid"|"rate_limited"|"server"|"decode"

---@class onelogin.Transport
---@field send fun(self: onelogin.Transport, request: table): table|nil, (table|string)?

---@class onelogin.Clock
---@field mono fun(): number seconds, monotonic
---@field wall fun(): number seconds since 1970
---@field sleep fun(seconds: number)

---@class onelogin.Store
---@field get fun(key: string): string|nil
---@field set fun(key: string, value: string, seconds: number)
---@field add? fun(key: string, value: string, seconds: number): boolean
---@field delete? fun(key: string)

---@class onelogin.Retry
---@field attempts? integer
---@field base? number seconds before the first repetition
---@field base_limited? number the same after a rate limit
---@field cap? number

--- Options of onelogin.new; what is left out comes from the environment (ONELOGIN_...).
---@class onelogin.Options
---@field subdomain? string the tenant, "acme" for acme.onelogin.com; or region, or base_url
---@field region? "us"|"eu"
---@field base_url? string
---@field client_id? string
---@field client_secret? string|fun(): string asked again once when the pair is refused
---@field auth_header? "client_id"|"basic"
---@field timeout? number seconds for one attempt
---@field connect_timeout? number
---@field deadline? number seconds for a call with all its attempts; in a walk, for a page
---@field attempts? integer
---@field retry? boolean|onelogin.Retry
---@field quota? number retries that the client can afford before successes refill it
---@field wait_rate_limit? boolean wait out a rate limit beyond the deadline
---@field nulls? "nil"|"sentinel"
---@field allow? "read"|string[] a guard against accidents
---@field dry_run? boolean changes are described instead of sent
---@field ca_file? string
---@field ca_blob? string
---@field pinned_key? string "sha256//..."
---@field proxy? string
---@field max_body? integer bytes that an answer may have
---@field user_agent? string
---@field transport? onelogin.Transport
---@field engine? userdata made by require("onelogin.curl").engine
---@field clock? onelogin.Clock
---@field store? onelogin.Store
---@field log? fun(level: string, message: string)
---@field on_request? fun(event: onelogin.HookEvent)
---@field on_response? fun(event: onelogin.HookEvent)
---@field on_retry? fun(event: onelogin.HookEvent)
---@field on_token? fun(event: onelogin.HookEvent)
---@field on_rate_limit? fun(event: onelogin.HookEvent)
---@field seed? integer of the jitter between repetitions

--- Options of one call, behind its parameters.
---@class onelogin.CallOptions
---@field timeout? number seconds for one attempt
---@field connect_timeout? number
---@field deadline? number seconds for the call with all its attempts; in a walk, for a page
---@field attempts? integer
---@field retry? boolean|onelogin.Retry
---@field wait_rate_limit? boolean
---@field nulls? "nil"|"sentinel"
---@field allow_unknown? boolean unknown parameters pass
---@field missing_ok? boolean not found is nil, and no error
---@field dry_run? boolean describe the request instead of sending it
---@field fetch? boolean read the whole object where the answer is only its id
---@field snapshot? boolean a walk reads everything before it hands out the first item
---@field max_pages? integer
---@field lanes? integer a walk fetches so many pages at once (docs/tasks.md)
---@field lanes? integer

---@class onelogin.RequestOptions: onelogin.CallOptions
---@field query? table<string, any>
---@field body? any
---@field paging? "v1"|"v2"|"camel"
---@field envelope? "bare"|"v1"|"token"
---@field result? "object"|"list"|"none"|"value"
---@field retry_trait? "safe"|"unsent"|"never"
---@field secret? string[]
---@field person? boolean a 401 may be the end user's

--- The second value of a call that failed; tostring(err) is one useful line.
---@class onelogin.Error
---@field kind onelogin.Kind
---@field message string
---@field operation string
---@field method string
---@field path string
---@field status? integer
---@field code? integer|string
---@field name? string
---@field field? string
---@field hint? string
---@field reason? string of a flow
---@field attempts integer
---@field retryable boolean
---@field retry_after? number seconds
---@field request_id? string
---@field body? string the first 4 KiB of the answer

--- The second value of a call that went well.
---@class onelogin.Info
---@field request_id? string
---@field cursor? string
---@field before? string
---@field total? integer
---@field total_pages? integer
---@field page? integer
---@field limit? integer
---@field status_type? string
---@field status_message? string

--- A walk, page by page; called, it is its own iterator.
---@class onelogin.Pager
---@overload fun(): table[]|nil
---@field next fun(self: onelogin.Pager): table[]|nil, onelogin.Error?
---@field items fun(self: onelogin.Pager): fun(): table
---@field collect fun(self: onelogin.Pager, max?: integer): table[]|nil, onelogin.Error?
---@field close fun(self: onelogin.Pager)
---@field total? integer
---@field seen integer
---@field cursor? string
---@field changed? table { from =, to = }: the total changed while lanes walked
---@field info? onelogin.Info

--- What a hook is told (docs/tasks.md says which has what).
---@class onelogin.HookEvent
---@field operation? string
---@field method? string
---@field path? string the template, no ids
---@field attempt integer
---@field status? integer
---@field error? string
---@field request_id? string
---@field seconds? number
---@field times? { dns: number?, connect: number?, tls: number?, first_byte: number?, total: number? }
---@field reused? boolean
---@field http_version? string
---@field bytes? integer
---@field bytes_sent? integer
---@field wait? number
---@field expires? number
---@field generation? integer
---@field retry_after? number
---@field limit? number
---@field remaining? number
---@field reset? number
---@field sent? boolean

---@class onelogin.Task
---@field join fun(self: onelogin.Task): any
---@field cancel fun(self: onelogin.Task)
---@field status fun(self: onelogin.Task): "waiting"|"done"|"failed"|"cancelled"

---@class onelogin.TaskPool
---@field spawn fun(self: onelogin.TaskPool, fn: function, ...: any): onelogin.Task
---@field fds fun(self: onelogin.TaskPool): table<integer, string>
---@field timeout fun(self: onelogin.TaskPool): number?
---@field step fun(self: onelogin.TaskPool, fd?: integer, events?: string): integer
---@field tick fun(self: onelogin.TaskPool, budget?: number): integer, integer
---@field running fun(self: onelogin.TaskPool): integer
---@field attach fun(self: onelogin.TaskPool, on_change?: fun())
---@field close fun(self: onelogin.TaskPool)

---@class onelogin.Tasks
---@field run fun(fn: function, ...: any): any
---@field spawn fun(fn: function, ...: any): onelogin.Task
---@field all fun(list: function[], options?: { limit: integer?, on_error: string? }): any[]?, any
---@field map fun(list: any[], fn: fun(item: any, i: integer): any, options?: { limit: integer?, on_error: string? }): any[]?, any
---@field sleep fun(seconds: number)
---@field deadline fun(seconds: number, fn: function, ...: any): any
---@field pcall fun(fn: function, ...: any): boolean, any
---@field pool fun(options?: { clock: onelogin.Clock?, on_error: fun(problem: any, traceback: string?)? }): onelogin.TaskPool

--- A call that has not been run.
---@class onelogin.Call
---@field run fun(self: onelogin.Call): any, (onelogin.Error|onelogin.Info)?
---@field cancel fun(self: onelogin.Call)
---@field want fun(self: onelogin.Call, mono: number, wall: number): string, any, any, any
---@field answer fun(self: onelogin.Call, mono: number, wall: number, response: table|nil, failure: table|string|nil)
---@field stored fun(self: onelogin.Call, mono: number, wall: number, value: any, number: number|nil)
---@field result fun(self: onelogin.Call): any, (onelogin.Error|onelogin.Info)?
---@field take fun(self: onelogin.Call)
---@field close fun(self: onelogin.Call)

--- An operation's handle: call it with a colon, ol.users:get(id).
---@class onelogin.Operation
---@field id string
---@field entry table
---@field signature fun(self: onelogin.Operation): string
---@field help fun(self: onelogin.Operation): string

---@class onelogin.Request: onelogin.Operation
---@overload fun(self: onelogin.Client, method: string, path: string, options?: onelogin.RequestOptions): any, (onelogin.Error|onelogin.Info)?
---@field each fun(self: onelogin.Request, method: string, path: string, options: onelogin.RequestOptions): fun(): table
---@field pages fun(self: onelogin.Request, method: string, path: string, options: onelogin.RequestOptions): onelogin.Pager

---@class onelogin.Device
---@field id string
---@field type string
---@field name string
---@field default boolean
---@field needs_trigger boolean
---@field pushes boolean

---@class onelogin.Login
---@field granted true
---@field user { id: string, email: string, username: string, firstname: string, lastname: string, status: integer? }
---@field device? onelogin.Device
---@field method "code"|"push"|"link"|"password"
---@field version? "v1"|"v2"
---@field at number
---@field session_token? string flows.login: two minutes, one use
---@field expires_at? number unix seconds
---@field return_to_url? string
---@field assertion? string flows.saml: base64, its signature unchecked

---@class onelogin.FactorOptions
---@field factors? string[]
---@field timeout? number
---@field max_tries? integer
---@field fallback? boolean
---@field email? "code"|"link"
---@field otp? fun(device: onelogin.Device, info: table): string|nil, string?
---@field choose? fun(devices: onelogin.Device[]): onelogin.Device|integer|string|nil
---@field on_wait? fun(info: table): boolean?

---@class onelogin.PasswordlessOptions: onelogin.FactorOptions
---@field user string what somebody typed
---@field version? "v1"|"v2"
---@field by? "email"|"username"
---@field expires_in? integer
---@field activate? table
---@field try_every? boolean
---@field redirect_to? string
---@field temporary? boolean|string|integer

---@class onelogin.SignInOptions: onelogin.FactorOptions
---@field user string what somebody typed
---@field password? string|fun(info: table): string?
---@field subdomain? string
---@field ip_address? string

---@class onelogin.LoginOptions: onelogin.SignInOptions
---@field fields? string
---@field return_to_url? string
---@field browser_id? string
---@field origin? string|string[]

---@class onelogin.SamlOptions: onelogin.SignInOptions
---@field app_id integer|string
---@field version? "v1"|"v2"

---@class onelogin.SmartMfaOptions
---@field user string your own unchanging key of the person
---@field context { user_agent: string, ip: string, session_id: string?, device_id: string?, device_fingerprint: string? }
---@field phone? string
---@field email? string
---@field risk_threshold? integer 0 to 100
---@field firstname? string
---@field lastname? string
---@field expires_in? integer
---@field max_tries? integer
---@field track? boolean|table
---@field otp? fun(device: table, info: table): string|nil, string?

---@class onelogin.LetIn
---@field granted true
---@field user { id: string?, identifier: string }
---@field method "none"|"code"
---@field risk { score: number?, reasons: string[] }
---@field at number

---@class onelogin.Factor
---@field id string
---@field type "protect"|"sms"|"voice"|"email"|"authenticator"|"yubikey"|"unknown"
---@field name string
---@field factor? string

--- What a new device needs; its fields are secret.
---@class onelogin.Setup
---@field totp_url? string what an authenticator scans
---@field secret? string the key of it, to be typed
---@field issuer? string
---@field account? string
---@field verification_token? string what OneLogin Protect takes
---@field qr fun(self: onelogin.Setup, options?: onelogin.QrTerminalOptions): string|nil, string?
---@field svg fun(self: onelogin.Setup, options?: onelogin.QrSvgOptions): string|nil, string?

---@class onelogin.EnrollOptions
---@field user? string what somebody typed
---@field user_id? integer|string instead of user
---@field version? "v1"|"v2"
---@field by? "email"|"username"
---@field factor? string|integer its type or id
---@field name? string of the device
---@field number? string version v1: the telephone number
---@field verified? boolean number or address are proven: no code
---@field expires_in? integer
---@field timeout? number
---@field max_tries? integer
---@field email? "code"|"link"
---@field redirect_to? string
---@field activate? table
---@field choose? fun(factors: onelogin.Factor[]): onelogin.Factor|integer|string|nil
---@field show? fun(setup: onelogin.Setup, device: onelogin.Device)
---@field otp? fun(device: onelogin.Device, info: table): string|nil, string?
---@field on_wait? fun(info: table): boolean?

---@class onelogin.Enrolled
---@field enrolled true
---@field user_id string
---@field user table
---@field device { id: string, type: string, name: string, factor: string? }
---@field version "v1"|"v2"
---@field at number

---@class onelogin.Want
---@field need "device"|"factor"|"code"|"setup"|"wait"|"password"|"nothing"
---@field factors? onelogin.Factor[]
---@field setup? onelogin.Setup
---@field turn integer
---@field devices? onelogin.Device[]
---@field device? onelogin.Device
---@field tries_left? integer
---@field note? string
---@field after? number
---@field remaining? number
---@field polls? integer
---@field login? onelogin.Login

---@class onelogin.Flow
---@field step fun(self: onelogin.Flow, input?: table): onelogin.Want|nil, onelogin.Error?
---@field want fun(self: onelogin.Flow): onelogin.Want|nil
---@field ended fun(self: onelogin.Flow): boolean
---@field state fun(self: onelogin.Flow): table
---@field run fun(self: onelogin.Flow, callbacks?: table): onelogin.Login|nil, onelogin.Error?

---@class onelogin.Passwordless
---@overload fun(options: onelogin.PasswordlessOptions): onelogin.Login|nil, onelogin.Error?
---@field start fun(options: onelogin.PasswordlessOptions): onelogin.Flow

---@class onelogin.LoginFlow
---@overload fun(options: onelogin.LoginOptions): onelogin.Login|nil, onelogin.Error?
---@field start fun(options: onelogin.LoginOptions): onelogin.Flow

---@class onelogin.SamlFlow
---@overload fun(options: onelogin.SamlOptions): onelogin.Login|nil, onelogin.Error?
---@field start fun(options: onelogin.SamlOptions): onelogin.Flow

---@class onelogin.EnrollFlow
---@overload fun(options: onelogin.EnrollOptions): onelogin.Enrolled|nil, onelogin.Error?
---@field start fun(options: onelogin.EnrollOptions): onelogin.Flow

---@class onelogin.SmartMfaFlow
---@overload fun(options: onelogin.SmartMfaOptions): onelogin.LetIn|nil, onelogin.Error?
---@field start fun(options: onelogin.SmartMfaOptions): onelogin.Flow

---@class onelogin.CheckPasswordOptions
---@field user string
---@field password string
---@field subdomain? string
---@field ip_address? string
---@field password_is_enough? boolean

---@class onelogin.PasswordRight
---@field granted true
---@field user { id: string, email: string, username: string }
---@field mfa boolean

---@class onelogin.LegacyPasswordRight
---@field granted true
---@field user { email: string, firstname: string?, lastname: string? }
---@field mfa false

--- What keeps flows: onelogin.Store with all four functions, `add` atomic (docs/sign-in-web.md).
---@class onelogin.FlowBackend
---@field get fun(key: string): string|nil
---@field set fun(key: string, value: string, seconds: number)
---@field add fun(key: string, value: string, seconds: number): boolean
---@field delete fun(key: string)

---@class onelogin.FlowLimits
---@field backend? onelogin.FlowBackend
---@field failures? integer wrong tries of a person within the window; 3
---@field sends? integer codes and pushes to a person within the window; 10
---@field window? number seconds; 900
---@field life? number seconds from the flow's beginning; 900

---@class onelogin.FlowStoreOptions: onelogin.FlowLimits
---@field lease? number seconds that a step may take; 90

---@class onelogin.FlowStore
---@field begin fun(self: onelogin.FlowStore, flow: onelogin.Flow, input?: table): string|nil, onelogin.Want|onelogin.Error|nil, onelogin.Error?
---@field step fun(self: onelogin.FlowStore, id: string, input?: table, turn?: integer|string): onelogin.Want|nil, onelogin.Error?
---@field drop fun(self: onelogin.FlowStore, id: string): true|nil, onelogin.Error?
---@field limit fun(self: onelogin.FlowStore, name: string, most: integer, window: number): true|nil, number?
---@field guard fun(self: onelogin.FlowStore): table

---@class onelogin.FlowSealerOptions: onelogin.FlowLimits
---@field keys table<string, string> names with 32 bytes each
---@field current? string the key that seals
---@field purpose? string
---@field longest? integer bytes of a text
---@field guard? table|boolean that of a store; false: nobody counts

---@class onelogin.FlowSealer
---@field begin fun(self: onelogin.FlowSealer, flow: onelogin.Flow): onelogin.Flow
---@field seal fun(self: onelogin.FlowSealer, flow: onelogin.Flow, options: { session: string }): string|nil, onelogin.Error?
---@field open fun(self: onelogin.FlowSealer, text: any, options: { session: string? }): onelogin.Flow|nil, onelogin.Error?

---@class onelogin.Flows
---@field passwordless onelogin.Passwordless
---@field login onelogin.LoginFlow
---@field saml onelogin.SamlFlow
---@field enroll onelogin.EnrollFlow
---@field smart_mfa onelogin.SmartMfaFlow
---@field check_password fun(options: onelogin.CheckPasswordOptions): onelogin.PasswordRight|nil, onelogin.Error?
---@field check_password_legacy fun(options: { email: string, password: string, api_key: string }): onelogin.LegacyPasswordRight|nil, onelogin.Error?
---@field resume fun(state: table): onelogin.Flow
---@field store fun(options?: onelogin.FlowStoreOptions): onelogin.FlowStore
---@field sealer fun(options: onelogin.FlowSealerOptions): onelogin.FlowSealer

--- An emulator of the API in this process; docs/design/sandbox.md.
---@class onelogin.Sandbox
---@field config fun(self: onelogin.Sandbox, options?: { scope: string?, owner_id: integer? }): onelogin.Options
---@field base_url string
---@field clock onelogin.Clock
---@field transport onelogin.Transport
---@field journal table[]
---@field outbox table[]
---@field store table
---@field add_user fun(self: onelogin.Sandbox, fields: table): table
---@field add_role fun(self: onelogin.Sandbox, fields: table): table
---@field add_app fun(self: onelogin.Sandbox, fields: table): table
---@field add_device fun(self: onelogin.Sandbox, who: any, type: string, options?: table): table
---@field find_user fun(self: onelogin.Sandbox, who: any): table|nil
---@field each_user fun(self: onelogin.Sandbox): fun(): table
---@field touch fun(self: onelogin.Sandbox, row: table)
---@field devices fun(self: onelogin.Sandbox, who: any): table[]
---@field totp fun(self: onelogin.Sandbox, device: any): string
---@field on_push fun(self: onelogin.Sandbox, who: any, how: any)
---@field approve fun(self: onelogin.Sandbox, who: any)
---@field deny fun(self: onelogin.Sandbox, who: any)
---@field fault fun(self: onelogin.Sandbox, options: table): table
---@field clear_faults fun(self: onelogin.Sandbox)
---@field requests fun(self: onelogin.Sandbox, operation?: string): integer
---@field revoke_tokens fun(self: onelogin.Sandbox)
---@field expire_tokens fun(self: onelogin.Sandbox)
---@field snapshot fun(self: onelogin.Sandbox): table
---@field restore fun(self: onelogin.Sandbox, saved: table)
---@field reset fun(self: onelogin.Sandbox)
---@field reapply_mappings fun(self: onelogin.Sandbox)
---@field embedding_token fun(self: onelogin.Sandbox): string
---@field seed_examples fun(self: onelogin.Sandbox, operation?: string)

---@class onelogin.BatchOptions
---@field limit? integer calls at once
---@field from? integer where to go on
---@field on_result? fun(i: integer, value: any, err: onelogin.Error|nil): boolean?
---@field on_error? "stop"

--- Anything else is a filter of events.list.
---@class onelogin.FollowOptions
---@field since? string|number
---@field overlap? number seconds that are looked at again
---@field checkpoint? string|{ load: fun(): string?, save: fun(text: string) }
---@field interval? number seconds between two looks
---@field limit? integer
---@field once? boolean
---@field [string] any

---@class onelogin.Follower
---@overload fun(): table|nil
---@field next fun(self: onelogin.Follower): table|nil, onelogin.Error?
---@field save fun(self: onelogin.Follower)

---@class onelogin.Time
---@field parse fun(text: any): number|nil, string?
---@field format fun(seconds: number): string

---@class onelogin.NginxStore: onelogin.Store
---@field add fun(key: string, value: string, seconds: number): boolean
---@field delete fun(key: string)

--- One worker's driver. Ticks and drivers stand still while nothing is under way.
---@class onelogin.NginxStats
---@field driving boolean is there a driver now
---@field drivers integer timers begun
---@field ticks integer looks at the engine
---@field waiting integer calls
---@field running integer transfers
---@field swept integer calls ended because their request had gone

--- Inside nginx: require "onelogin.nginx" (docs/openresty.md).
---@class onelogin.Nginx
---@field store fun(name: string, options?: { keep: boolean? }): onelogin.NginxStore of the lua_shared_dict of that name
---@field stats fun(): onelogin.NginxStats

---@class onelogin.QrTerminalOptions
---@field level? "L"|"M"|"Q"|"H"
---@field quiet? integer the margin
---@field ansi? boolean false: without colours of its own
---@field invert? boolean

---@class onelogin.QrSvgOptions
---@field level? "L"|"M"|"Q"|"H"
---@field quiet? integer the margin
---@field size? integer pixels
---@field title? string

--- QR codes: require "onelogin.qr", where libqrencode is installed (docs/enrolment.md).
---@class onelogin.Qr
---@field terminal fun(text: string, options?: onelogin.QrTerminalOptions): string
---@field svg fun(text: string, options?: onelogin.QrSvgOptions): string
---@field matrix fun(text: string, options?: { level: "L"|"M"|"Q"|"H"|nil }): { size: integer, [integer]: boolean[] }

---@class onelogin.OtpauthParts
---@field type? "totp"|"hotp"
---@field secret string base 32
---@field account string
---@field issuer? string
---@field algorithm? "SHA1"|"SHA256"|"SHA512"
---@field digits? integer
---@field period? integer
---@field counter? integer

--- The URI of an authenticator: require "onelogin.otpauth".
---@class onelogin.Otpauth
---@field build fun(parts: onelogin.OtpauthParts): string
---@field parse fun(uri: string): onelogin.OtpauthParts|nil, string?

--- What onelogin.saml.decode_unverified reads; nothing of it is verified (docs/saml.md).
---@class onelogin.SamlResponse
---@field verified false
---@field signed boolean a signature stands there; whether it is right was not looked at
---@field status string
---@field issuer string
---@field subject { name_id: string, format: string?, not_on_or_after: number? }
---@field destination? string
---@field recipient? string
---@field audience? string where there is exactly one
---@field audiences string[]
---@field conditions? { not_before: number?, not_on_or_after: number? }
---@field authn_instant? number
---@field authn_context? string
---@field session_index? string
---@field session_not_on_or_after? number
---@field attributes table<string, string[]>
---@field attribute_names string[] in their order
---@field response_id string
---@field assertion_id string
---@field in_response_to? string
---@field issue_instant? number

---@class onelogin.Saml
---@field decode_unverified fun(response: string): onelogin.SamlResponse|nil, onelogin.Error?

--- Options of both; a page is handed over by subdomain, or by action, the whole address (docs/sign-in-browser.md).
---@class onelogin.SessionForm
---@field session_token string
---@field subdomain? string
---@field action? string
---@field nonce? string of the page's Content-Security-Policy
---@field auto? boolean false: only when the button is pressed
---@field label? string
---@field lang? string
---@field target? string
---@field fragment? boolean the form alone instead of a page
---@field return_to_url? string as it was given at the login

---@class onelogin.SessionFetch
---@field session_token string
---@field subdomain? string
---@field action? string
---@field nonce string
---@field next string
---@field failed string

---@class onelogin.Html
---@field escape fun(text: any): string
---@field session_form fun(options: onelogin.SessionForm): string, table<string, string>
---@field session_fetch fun(options: onelogin.SessionFetch): string, table<string, string>

---@class onelogin.OperationFacts
---@field id string
---@field method string
---@field path string
---@field summary string
---@field scopes string[]
---@field status? "deprecated"|"early_preview"
---@field replaced_by? string
---@field doc? string
]=]

-- SELF is the resource, ITEM what its list holds.
local one = "ITEM|nil, onelogin.Error?"
local by_value = "fun(self: SELF, value: string|integer, opts?: onelogin.CallOptions): " .. one
head.helpers = {
  find = "fun(self: SELF, where: table<string, any>, opts?: onelogin.CallOptions): " .. one,
  ensure = "fun(self: SELF, key: string, values: table<string, any>, opts?: onelogin.CallOptions): "
    .. "ITEM|nil, (boolean|\"unknown\"|onelogin.Error)?",
  find_by_email = by_value, find_by_username = by_value, find_by_external_id = by_value,
  refresh_mappings = "fun(self: SELF, user_id: integer, opts?: onelogin.CallOptions): table|nil, onelogin.Error?",
  follow = "fun(self: SELF, options?: onelogin.FollowOptions, opts?: onelogin.CallOptions): onelogin.Follower",
}

head.client = [=[
---@field request onelogin.Request
---@field flows onelogin.Flows
---@field clock onelogin.Clock
---@field base_url string
---@field close fun(self: onelogin.Client)
---@field revoke fun(self: onelogin.Client): true|nil, onelogin.Error?
---@field inspect fun(self: onelogin.Client): table
---@field stats fun(self: onelogin.Client): table
---@field batch fun(self: onelogin.Client, calls: table[], options?: onelogin.BatchOptions): any[], table<integer, onelogin.Error>, integer?
]=]

head.module = [=[
---@class onelogin
---@field null onelogin.null
---@field _VERSION string
---@field time onelogin.Time
---@field tasks onelogin.Tasks
---@field saml onelogin.Saml
---@field html onelogin.Html
local onelogin = {}

--- A client for one tenant; misuse throws a string.
---@param options? onelogin.Options
---@return onelogin.Client
function onelogin.new(options) end

--- An emulator of the API in this process.
---@param options? { users: integer?, seed: integer?, [string]: any }
---@return onelogin.Sandbox
function onelogin.sandbox(options) end

--- Marks a table as a JSON array, also when it is empty.
---@generic T: table
---@param t T
---@return T
function onelogin.array(t) end

--- Passes values through, or throws the error's text.
---@generic T
---@param value T|nil
---@param err? any
---@return T
function onelogin.check(value, err, ...) end

--- The fields of `after` that differ from `before`, for an update.
---@param before table
---@param after table
---@param op? onelogin.Operation
---@return table
function onelogin.changes(before, after, op) end

--- What there is: help(), help "users", help "users.list", help(ol.users.list).
---@param x? any
---@return string
function onelogin.help(x) end

--- Every operation, sorted by id.
---@return onelogin.OperationFacts[]
function onelogin.operations() end

return onelogin
]=]

return head
