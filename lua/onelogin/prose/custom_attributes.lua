-- Prose of ../api/custom_attributes.lua.

local ATTRIBUTE_ID = "the field's id"

return {
  list = {
    summary = "List the custom fields that users have",
    example = {
      call = "ol.custom_attributes:list()",
      http = { method = "GET", path = "/api/2/users/custom_attributes" },
    },
    sample = {
      { id = 87846, name = "Favourite food", shortname = "food", position = 1 },
      { id = 87845, name = "Employee number", shortname = "employeenumber", position = 2 },
    },
  },

  get = {
    summary = "Fetch the definition of a custom field",
    params = { attribute_id = ATTRIBUTE_ID },
    example = {
      call = "ol.custom_attributes:get(87846)",
      http = { method = "GET", path = "/api/2/users/custom_attributes/87846" },
    },
    sample = { id = 87846, name = "Favourite food", shortname = "food", position = 1 },
  },

  create = {
    summary = "Define a custom field",
    params = {
      name = "label in the administration",
      shortname = "key in a user's custom_attributes; unique",
      position = "place in the list from 1; null for none",
    },
    notes = {
      "The members travel inside user_field; the client wraps them.",
    },
    errors = {
      { 422, false, "the shortname is taken; 400 and 409 have been seen for the same" },
    },
    example = {
      call = 'ol.custom_attributes:create { name = "Favourite food", shortname = "food" }',
      http = {
        method = "POST", path = "/api/2/users/custom_attributes",
        body = { user_field = { name = "Favourite food", shortname = "food" } },
      },
    },
    sample = { id = 87846, name = "Favourite food", shortname = "food" },
  },

  update = {
    summary = "Rename or move a custom field",
    params = {
      attribute_id = ATTRIBUTE_ID,
      name = "label in the administration",
      shortname = "key in a user's custom_attributes; unique",
      position = "place in the list from 1; null removes it, left out keeps it",
    },
    notes = {
      "name and shortname are needed every time, also to change only one.",
      "Unlike create, the body has no wrapper.",
    },
    errors = {
      { 422, false, "name or shortname is missing, or the shortname is taken" },
    },
    example = {
      call = 'ol.custom_attributes:update(87846, { name = "Food", shortname = "food", position = 3 })',
      http = {
        method = "PUT", path = "/api/2/users/custom_attributes/87846",
        body = { name = "Food", shortname = "food", position = 3 },
      },
    },
    sample = { id = 87846, name = "Food", shortname = "food", position = 3 },
  },

  delete = {
    summary = "Delete a custom field with all its values",
    params = { attribute_id = ATTRIBUTE_ID },
    example = {
      call = "ol.custom_attributes:delete(87846)",
      http = { method = "DELETE", path = "/api/2/users/custom_attributes/87846" },
    },
    sample = true,
  },
}
