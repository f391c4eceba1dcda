-- How a stored user looks from outside: v2 in full, the shorter v2 list row, and v1.

local json = require("onelogin.core").json
local util = require("onelogin.sandbox.util")

local view = {}

local null = json.null
local iso = util.iso

local function or_null(v)
  if v == nil then return null end
  return v
end

-- Every field defined in the company is listed; unset ones are null.
local function custom(box, row)
  local out, own = {}, row.custom_attributes or {}
  for _, def in pairs(box.store.custom_attributes) do
    out[def.shortname] = or_null(own[def.shortname])
  end
  return out
end

--- The row of users.list.
function view.v2_row(_, row)
  return { id = row.id, username = or_null(row.username), email = or_null(row.email),
    firstname = or_null(row.firstname), lastname = or_null(row.lastname),
    status = row.status, state = row.state, group_id = or_null(row.group_id),
    phone = or_null(row.phone), external_id = or_null(row.external_id),
    directory_id = or_null(row.directory_id), member_of = or_null(row.member_of),
    samaccountname = or_null(row.samaccountname),
    distinguished_name = or_null(row.distinguished_name),
    invalid_login_attempts = row.invalid_login_attempts or 0,
    locked_until = or_null(iso(row.locked_until)),
    created_at = or_null(iso(row.created_at)), updated_at = or_null(iso(row.updated_at)),
    activated_at = or_null(iso(row.activated_at)), last_login = or_null(iso(row.last_login)),
    invitation_sent_at = or_null(iso(row.invitation_sent_at)),
    password_changed_at = or_null(iso(row.password_changed_at)) }
end

--- The whole user of v2.
function view.v2(box, row)
  local out = view.v2_row(box, row)
  out.title, out.department = or_null(row.title), or_null(row.department)
  out.company, out.comment = or_null(row.company), row.comment or ""
  out.userprincipalname = or_null(row.userprincipalname)
  out.manager_ad_id, out.manager_user_id = or_null(row.manager_ad_id), or_null(row.manager_user_id)
  out.trusted_idp_id = or_null(row.trusted_idp_id)
  out.preferred_locale_code = or_null(row.preferred_locale_code)
  out.role_ids = json.array(box:role_ids(row))
  out.custom_attributes = custom(box, row)
  return out
end

--- The whole user of v1: other names, "" for unset text, role_id null when empty.
function view.v1(box, row)
  local out = view.v2_row(box, row)
  local roles = box:role_ids(row)
  out.username, out.phone = row.username or "", row.phone or ""
  out.title, out.department = row.title or "", row.department or ""
  out.company, out.comment = row.company or "", row.comment or ""
  out.openid_name = or_null(row.openid_name)
  out.locale_code = or_null(row.preferred_locale_code)
  out.preferred_locale_code = out.locale_code
  out.userprincipalname = or_null(row.userprincipalname)
  out.manager_ad_id, out.manager_user_id = or_null(row.manager_ad_id), or_null(row.manager_user_id)
  out.trusted_idp_id = or_null(row.trusted_idp_id)
  out.role_id = #roles > 0 and json.array(roles) or null
  out.custom_attributes = {}
  for name, value in pairs(custom(box, row)) do
    out.custom_attributes[name] = value == null and "" or value
  end
  return out
end

return view
