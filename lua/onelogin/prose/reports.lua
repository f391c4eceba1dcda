-- Prose of ../api/reports.lua.

local REPORT_ID = "the report's id"

return {
  list = {
    summary = "List the reports of the account",
    example = {
      call = "ol.reports:list()",
      http = { method = "GET", path = "/api/2/reports" },
    },
    sample = { { id = 42, name = "Users without MFA" } },
  },

  run = {
    summary = "Run a report and read its rows",
    params = { report_id = REPORT_ID },
    notes = { "The columns are the report's own." },
    example = {
      call = "ol.reports:run(42)",
      http = { method = "POST", path = "/api/2/reports/42/run" },
    },
    sample = { report = { { description = "Ashley Akua", timestamp = "2026-01-14T01:54:59.976Z" } } },
  },

  run_background = {
    summary = "Run a report and mail it as CSV",
    params = { report_id = REPORT_ID, email = "where to send it" },
    example = {
      call = 'ol.reports:run_background(42, { email = "ashley@acme.com" })',
      http = {
        method = "POST", path = "/api/2/reports/42/run_background",
        body = { email = "ashley@acme.com" },
      },
    },
    sample = { message = "Report is being generated" },
  },
}
