-- Prose of ../api/hooks.lua.

local HOOK = "d360aded-6063-4c60-8add-45f32772ff71"
local ENV = "8148095e-1b63-4acc-b2de-ff3fc5f12561"
local HOOK_ID = "the hook's id, a UUID"
local ENV_ID = "the variable's id, a UUID"
local SINCE = "The credential pair must be younger than 21 October 2020."

-- exports.handler = async (context) => ({ user: context.user })
local SOURCE = "ZXhwb3J0cy5oYW5kbGVyID0gYXN5bmMgKGNvbnRleHQpID0+ICh7IHVzZXI6IGNvbnRleHQudXNlciB9KQo="

local function paged(own)
  own.limit = "rows of a page, at most 1000"
  own.page = "page number from 1"
  own.cursor = "a page's place, from an earlier page's info; travels alone"
  return own
end

local whole = {
  type = "the event it hooks into",
  ["function"] = "the JavaScript, in base64",
  disabled = "keeps it from running",
  runtime = "such as nodejs22.x",
  timeout = "seconds it may run; how many is allowed depends on type",
  retries = "more attempts after a failure, at most 4",
  env_vars = "names of the variables it sees",
  packages = "npm packages and their versions, from an allow list",
  context_version = "which form of context it is given; the newest when left out",
  options = "what context tells, for hooks of sign-in",
  ["options.risk_enabled"] = "the risk score",
  ["options.location_enabled"] = "the place",
  ["options.mfa_device_info_enabled"] = "the devices",
  conditions = "when it runs",
  ["conditions.source"] = "what to look at",
  ["conditions.operator"] = "comparison",
  ["conditions.value"] = "what to compare with",
}

local function with_id()
  local params = { hook_id = HOOK_ID }
  for name, text in pairs(whole) do params[name] = text end
  return params
end

local hook = {
  id = HOOK, type = "pre-authentication", runtime = "nodejs22.x", context_version = ">= 1.0.0", retries = 0,
  timeout = 1, disabled = false, status = "ready", env_vars = { "MY_API_KEY" },
  packages = { ["ua-parser-js"] = "0.7.21" },
  options = { location_enabled = false, risk_enabled = false, mfa_device_info_enabled = false },
  created_at = "2026-01-14T01:54:59.976Z", updated_at = "2026-01-16T17:28:45.970Z", ["function"] = SOURCE,
}

local BAD_MEMBER = { 422, 'instance additionalProperty "name" exists in instance when not allowed',
                     "a member is not known, or function is not base64" }

local variable = { id = ENV, name = "MY_API_KEY", created_at = "2026-01-28T01:10:14.043Z",
                   updated_at = "2026-01-28T01:10:14.043Z" }

local body = {
  type = "pre-authentication", ["function"] = SOURCE, disabled = false, runtime = "nodejs22.x", timeout = 1,
  retries = 0, env_vars = { "MY_API_KEY" }, packages = { ["ua-parser-js"] = "0.7.21" },
}

local written = '{ type = "pre-authentication", ["function"] = "' .. SOURCE .. '", disabled = false, '
  .. 'runtime = "nodejs22.x", timeout = 1, retries = 0, env_vars = { "MY_API_KEY" }, '
  .. 'packages = { ["ua-parser-js"] = "0.7.21" } }'

return {
  list = {
    summary = "Page through the hooks",
    params = paged {},
    notes = { "Rows do not hold the code.", SINCE },
    example = {
      call = "ol.hooks:list()",
      http = { method = "GET", path = "/api/2/hooks" },
    },
    sample = {
      { id = HOOK, type = "pre-authentication", runtime = "nodejs22.x", status = "ready", disabled = false },
    },
  },

  get = {
    summary = "Fetch a hook with its code",
    params = { hook_id = HOOK_ID },
    notes = { "status is ready, or create- or update- with queued, running or failed.", SINCE },
    example = {
      call = 'ol.hooks:get("' .. HOOK .. '")',
      http = { method = "GET", path = "/api/2/hooks/" .. HOOK },
    },
    sample = hook,
  },

  create = {
    summary = "Create a hook",
    params = whole,
    notes = {
      "Of types that hold up what they hook into there is one an account.",
      "Runtimes age: in August 2026 only nodejs22.x and nodejs24.x were taken.",
      SINCE,
    },
    errors = {
      { 409, "The 'pre-authentication' hook is synchronous and can only have one defined function",
        "there is one of this type already" },
      BAD_MEMBER,
    },
    example = {
      call = "ol.hooks:create " .. written,
      http = { method = "POST", path = "/api/2/hooks", body = body },
    },
    sample = hook,
  },

  update = {
    summary = "Replace a hook",
    params = with_id(),
    notes = { "Wants the whole hook: read it, change it, send it without id, status and dates.", SINCE },
    errors = { BAD_MEMBER },
    example = {
      call = 'ol.hooks:update("' .. HOOK .. '", ' .. written .. ")",
      http = { method = "PUT", path = "/api/2/hooks/" .. HOOK, body = body },
    },
    sample = hook,
  },

  delete = {
    summary = "Delete a hook",
    params = { hook_id = HOOK_ID },
    notes = { "Queued, and done some seconds later.", SINCE },
    example = {
      call = 'ol.hooks:delete("' .. HOOK .. '")',
      http = { method = "DELETE", path = "/api/2/hooks/" .. HOOK },
    },
    sample = true,
  },

  list_logs = {
    summary = "Page through the logs of a hook",
    params = paged {
      hook_id = HOOK_ID,
      request_id = "one run",
      correlation_id = "all runs of one sign-in",
    },
    notes = { SINCE },
    example = {
      call = 'ol.hooks:list_logs("' .. HOOK .. '", { limit = 10 })',
      http = { method = "GET", path = "/api/2/hooks/" .. HOOK .. "/logs", query = { limit = "10" } },
    },
    sample = {
      { request_id = "b2c1", correlation_id = "a91f", created_at = "2026-01-16T17:28:45.970Z",
        events = { "context received" } },
    },
  },

  list_envs = {
    summary = "Page through the variables that hooks can see",
    params = paged {},
    notes = { "Values are never told.", SINCE },
    example = {
      call = "ol.hooks:list_envs()",
      http = { method = "GET", path = "/api/2/hooks/envs" },
    },
    sample = { variable },
  },

  get_env = {
    summary = "Fetch a variable, without its value",
    params = { env_id = ENV_ID },
    notes = { SINCE },
    example = {
      call = 'ol.hooks:get_env("' .. ENV .. '")',
      http = { method = "GET", path = "/api/2/hooks/envs/" .. ENV },
    },
    sample = variable,
  },

  create_env = {
    summary = "Define a variable",
    params = { name = "its name in the code", value = "its value, kept encrypted" },
    notes = { SINCE },
    errors = { { 422, false, "validation failed" } },
    example = {
      call = 'ol.hooks:create_env { name = "MY_API_KEY", value = "s3cret" }',
      http = { method = "POST", path = "/api/2/hooks/envs", body = { name = "MY_API_KEY", value = "s3cret" } },
    },
    sample = variable,
  },

  update_env = {
    summary = "Change the value of a variable",
    params = { env_id = ENV_ID, value = "the new value" },
    notes = { "The hooks that see it are built anew. It cannot be renamed.", SINCE },
    errors = {
      { 400, "Invalid env record ID", "no variable has that id" },
      { 422, 'instance additionalProperty "name" exists in instance when not allowed', "anything but value is sent" },
    },
    example = {
      call = 'ol.hooks:update_env("' .. ENV .. '", { value = "n3w-s3cret" })',
      http = { method = "PUT", path = "/api/2/hooks/envs/" .. ENV, body = { value = "n3w-s3cret" } },
    },
    sample = variable,
  },

  delete_env = {
    summary = "Delete a variable",
    params = { env_id = ENV_ID },
    notes = { SINCE },
    example = {
      call = 'ol.hooks:delete_env("' .. ENV .. '")',
      http = { method = "DELETE", path = "/api/2/hooks/envs/" .. ENV },
    },
    sample = true,
  },
}
