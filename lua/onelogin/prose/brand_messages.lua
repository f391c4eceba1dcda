-- Prose of ../api/brand_messages.lua.

local BRAND_ID = "the brand's id, or the word master"

local message = {
  type_id = 9, locale = "en", title = "Access Denied", message = "Ask your administrator for this app.",
  description = "Shown to somebody who may not open an app",
}

return {
  list_languages = {
    summary = "List the languages a brand's error messages can be in",
    params = { brand_id = BRAND_ID },
    example = {
      call = 'ol.brand_messages:list_languages("master")',
      http = { method = "GET", path = "/api/2/branding/brands/master/custom_error_messages/languages" },
    },
    sample = { { language = "en", is_default = true }, { language = "vi-VN", is_default = false } },
  },

  lookup = {
    summary = "Find the error message that somebody would see",
    params = {
      type_id = "kind of message, by number",
      type_name = "kind of message, by name",
      locale = "language",
      app_id = "the app whose brand decides",
    },
    notes = { "One of type_id and type_name is needed. Asking changes nothing." },
    example = {
      call = "ol.brand_messages:lookup { type_id = 9, app_id = 1127385 }",
      http = {
        method = "POST", path = "/api/2/branding/custom_error_message",
        body = { type_id = 9, app_id = 1127385 },
      },
    },
    sample = message,
  },

  list = {
    summary = "Look up the error messages of a brand",
    params = {
      brand_id = BRAND_ID,
      id = "one message",
      type_id = "kind of message, by number",
      type_name = "kind of message, by name",
      locale = "language",
    },
    notes = {
      "The page says list and shows one object: either may come. Asking changes nothing.",
    },
    example = {
      call = 'ol.brand_messages:list("master", { type_id = 9 })',
      http = {
        method = "POST", path = "/api/2/branding/brands/master/custom_error_messages",
        body = { type_id = 9 },
      },
    },
    sample = message,
  },

  update = {
    summary = "Change an error message of a brand",
    params = {
      brand_id = BRAND_ID,
      id = "which message, by id",
      type_id = "which message, by kind",
      type_name = "which message, by name of the kind",
      locale = "language",
      title = "heading",
      description = "what it is for, to administrators",
      message = "what it says",
    },
    notes = { "Names one message and at least one text. New kinds cannot be made." },
    example = {
      call = 'ol.brand_messages:update("5", { type_id = 9, locale = "en", title = "Sorry" })',
      http = {
        method = "PUT", path = "/api/2/branding/brands/5/custom_error_messages",
        body = { type_id = 9, locale = "en", title = "Sorry" },
      },
    },
    sample = { id = 1, account_id = 555555, brand_id = 5, type_id = 9, locale = "en", title = "Sorry",
               message = "Ask your administrator for this app." },
  },

  delete = {
    summary = "Delete an error message of a brand",
    params = { brand_id = BRAND_ID, message_id = "the message's id" },
    example = {
      call = 'ol.brand_messages:delete("5", 1)',
      http = { method = "DELETE", path = "/api/2/branding/brands/5/custom_error_messages/1" },
    },
    sample = true,
  },
}
