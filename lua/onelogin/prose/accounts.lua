-- Prose of ../api/accounts.lua.

local ACCOUNT_ID = "the account's id"

local account = {
  account = "who it is for",
  ["account.name"] = "name of the company",
  ["account.address1"] = "first line of the address",
  ["account.address2"] = "second line of the address",
  ["account.city"] = "city",
  ["account.state"] = "state",
  ["account.zip"] = "postal code",
  ["account.country"] = "country",
  ["account.phone"] = "telephone number",
  ["account.homepage"] = "web site",
  ["account.notes"] = "free text",
  api_credential = "also make a credential pair in it",
  ["api_credential.name"] = "its label",
  ["api_credential.permission"] = "its scope",
}

local function with(more)
  for name, text in pairs(account) do more[name] = text end
  return more
end

local RESELLERS = { 404, "Only resellers may use this API.", "this account is no reseller's" }
local KNOWN = "For resellers. Known from an official tool; the pages describe an older XML API."

return {
  list = {
    summary = "Page through the accounts of a reseller's customers",
    params = {
      limit = "rows of a page",
      page = "page number from 1",
      cursor = "a page's place, from an earlier page's info; travels alone",
    },
    notes = { KNOWN },
    errors = { RESELLERS },
    example = {
      call = "ol.accounts:list { limit = 20 }",
      http = { method = "GET", path = "/api/2/accounts", query = { limit = "20" } },
    },
    sample = { { id = 555555, name = "Acme" } },
  },

  get = {
    summary = "Fetch an account",
    params = { account_id = ACCOUNT_ID },
    notes = { KNOWN },
    errors = { RESELLERS },
    example = {
      call = "ol.accounts:get(555555)",
      http = { method = "GET", path = "/api/2/accounts/555555" },
    },
    sample = { id = 555555, name = "Acme" },
  },

  create = {
    summary = "Create an account",
    params = with {
      plan = "subscription plan",
      subscription_state = "state of the subscription",
      enforce_user_limit = "holds the account to the plan's number of users",
      email_activation = "mails the owner a link",
    },
    notes = { KNOWN },
    errors = { RESELLERS, { 406, false, "validation failed" } },
    example = {
      call = 'ol.accounts:create { account = { name = "Acme", city = "Springfield" } }',
      http = {
        method = "POST", path = "/api/2/accounts",
        body = { account = { name = "Acme", city = "Springfield" } },
      },
    },
    sample = { id = 555555, name = "Acme" },
  },

  update = {
    summary = "Change an account",
    params = with { account_id = ACCOUNT_ID },
    notes = { KNOWN, "To make a credential pair the account must allow its users to be assumed." },
    errors = { RESELLERS },
    example = {
      call = 'ol.accounts:update(555555, { account = { city = "Shelbyville" } })',
      http = { method = "PUT", path = "/api/2/accounts/555555", body = { account = { city = "Shelbyville" } } },
    },
    sample = { id = 555555, name = "Acme" },
  },
}
