-- Custom error messages of a brand. A brand id is a number, or the word master.

local DOCS = "https://developers.onelogin.com/api-docs/2/branding/"

local EVERYTHING = { "Manage All" }

local brand = { { "brand_id", "string" } }

-- There is one kind so far.
local type_id = { "type_id", "integer", enum = { 9 } }
local type_name = { "type_name", "string", enum = { "MESSAGE_TYPE_NO_ACCESS_APP" } }

return {
  list_languages = {
    method = "GET", path = "/api/2/branding/brands/{brand_id}/custom_error_messages/languages",
    ids = brand,
    result = "list",
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "list-custom-message-languages",
  },

  -- Questions, although POSTs: lookup and list.
  lookup = {
    method = "POST", path = "/api/2/branding/custom_error_message",
    body = {
      type_id,
      type_name,
      { "locale", "string" },
      { "app_id", "integer" },
    },
    retry = "safe",
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "lookup-custom-message",
  },

  list = {
    method = "POST", path = "/api/2/branding/brands/{brand_id}/custom_error_messages",
    ids = brand,
    body = {
      { "id", "integer" },
      type_id,
      type_name,
      { "locale", "string" },
    },
    retry = "safe", -- the documented answer is one object: hence no result = "list"
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "list-custom-messages",
  },

  update = {
    method = "PUT", path = "/api/2/branding/brands/{brand_id}/custom_error_messages",
    ids = brand,
    body = {
      { "id", "integer" },
      type_id,
      type_name,
      { "locale", "string" },
      { "title", "string" },
      { "description", "string" },
      { "message", "string" },
    },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "update-custom-message",
  },

  delete = {
    method = "DELETE", path = "/api/2/branding/brands/{brand_id}/custom_error_messages/{message_id}",
    ids = { { "brand_id", "string" }, { "message_id", "integer" } },
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "delete-custom-message",
  },
}
