-- Prose of ../api/embed_apps.lua.

return {
  list = {
    summary = "List the apps of a user for a portal page",
    params = {
      token = "the embedding token of the account's settings",
      email = "the user's address",
    },
    notes = {
      "A user without apps, an unknown address and a wrong token look the same: an empty list.",
      "For portal pages; other use is not wanted.",
    },
    example = {
      call = 'ol.embed_apps:list { token = "3b9f7d2c", email = "ashley@acme.com" }',
      http = {
        method = "GET", path = "/client/apps/embed2",
        query = { token = "3b9f7d2c", email = "ashley@acme.com" },
      },
    },
    sample = {
      { id = "123456", name = "NetFlix", icon = "https://assets.com/images/icons/square/netflix/mobile_50.png",
        provisioned = "1", extension_required = "true", personal = "false", login_id = "44444" },
    },
  },
}
