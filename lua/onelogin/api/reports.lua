-- Reports of the account: run and read, or run and mailed.

local DOCS = "https://developers.onelogin.com/api-docs/2/reports/"

local READ = { "Read Users", "Read All", "Manage All" }

local one = { { "report_id", "integer" } }

return {
  list = {
    method = "GET", path = "/api/2/reports",
    result = "list",
    scopes = READ,
    doc = DOCS .. "list-reports",
  },

  -- A question, although a POST.
  run = {
    method = "POST", path = "/api/2/reports/{report_id}/run",
    ids = one,
    retry = "safe",
    scopes = READ,
    doc = DOCS .. "run-report",
  },

  run_background = {
    method = "POST", path = "/api/2/reports/{report_id}/run_background",
    ids = one,
    body = { { "email", "string", required = true } },
    retry = "unsent", -- sends a mail
    scopes = READ,
    doc = DOCS .. "run-report-in-background",
  },
}
