-- Prose of ../api/mfa_v1.lua.

local USER_ID = "the user's id"
local DEVICE_ID = "the device, id in list_devices"
local NO_USER = { 404, "User for id 88888888 was not found", "no user has that id" }

return {
  list_factors = {
    summary = "List the factors a user could enrol here",
    params = { user_id = USER_ID },
    notes = {
      "Only SMS and voice can be enrolled in version 1; factors the user has already are left out.",
    },
    errors = { NO_USER },
    example = {
      call = "ol.mfa_v1:list_factors(88888888)",
      http = { method = "GET", path = "/api/1/users/88888888/auth_factors" },
    },
    sample = { { factor_id = 58959, name = "OneLogin SMS" } },
  },

  list_devices = {
    summary = "List the devices of a user, those not yet confirmed too",
    params = { user_id = USER_ID },
    notes = {
      "id is a number. Skip those with active = false: their enrolment is pending.",
      "needs_trigger = true: call activate_factor for a state token; false: verify the code at once.",
      "Protect may be listed twice, once for pushes and once for typed codes.",
    },
    errors = { NO_USER },
    example = {
      call = "ol.mfa_v1:list_devices(88888888)",
      http = { method = "GET", path = "/api/1/users/88888888/otp_devices" },
    },
    sample = {
      { id = 525509, auth_factor_name = "OneLogin SMS", type_display_name = "OneLogin SMS",
        user_display_name = "Rich's Phone", phone_number = "+1xxxxxxxxx", active = true, default = true,
        needs_trigger = true },
      { id = 526551, auth_factor_name = "Google Authenticator", type_display_name = "Google Authenticator",
        user_display_name = "Google Authenticator", active = true, default = false, needs_trigger = false },
    },
  },

  enroll_factor = {
    summary = "Enrol a user with SMS or voice",
    params = {
      user_id = USER_ID,
      factor_id = "the factor, from list_factors",
      display_name = "what the user will see",
      number = "telephone number in E.164 form",
      verified = "the number is proven: the device is active at once",
    },
    notes = {
      "Without verified the answer holds a state token that lives 120 seconds: confirm with verify_factor, or ask "
        .. "for another with activate_factor.",
      "Voice needs verified = true.",
    },
    example = {
      call = 'ol.mfa_v1:enroll_factor(88888888, { factor_id = 58959, display_name = "Phone", '
        .. 'number = "+14156456830" })',
      http = {
        method = "POST", path = "/api/1/users/88888888/otp_devices",
        body = { factor_id = 58959, display_name = "Phone", number = "+14156456830" },
      },
    },
    sample = {
      id = 525509, auth_factor_name = "OneLogin SMS", type_display_name = "OneLogin SMS",
      user_display_name = "Phone", phone_number = "+14156456830", active = false, default = false,
      needs_trigger = true, state_token = "98e008497066bc2763c52342996e06358aab2e32",
    },
  },

  activate_factor = {
    summary = "Send a device its code or push, and get a state token",
    params = {
      user_id = USER_ID, device_id = DEVICE_ID,
      state_token_expires_in = "seconds the state token lives",
      numeric_sms_otp = "SMS only: six digits instead of letters and digits",
      sms_message = "SMS only: the text, 160 characters when {{otp_code}} and {{expiration}} are filled in",
    },
    notes = {
      "Only for devices with needs_trigger = true.",
      "In the answer id is the user and device_id the device.",
    },
    example = {
      call = "ol.mfa_v1:activate_factor(88888888, 525509, { state_token_expires_in = 300, numeric_sms_otp = true })",
      http = {
        method = "POST", path = "/api/1/users/88888888/otp_devices/525509/trigger",
        body = { state_token_expires_in = 300, numeric_sms_otp = true },
      },
    },
    sample = {
      id = 88888888, device_id = 525509, state_token = "98e008497066bc2763c52342996e06358aab2e32",
      auth_factor_name = "OneLogin SMS", type_display_name = "OneLogin SMS", user_display_name = "Rich's Phone",
      active = false,
    },
  },

  verify_factor = {
    summary = "Check a code, or ask how a push stands",
    params = {
      user_id = USER_ID,
      device_id = "the device; 0 checks a code of generate_token for a user without devices",
      otp_token = "the code, as a string; left out to poll a push",
      state_token = "from enroll_factor or activate_factor; needed where needs_trigger is true",
    },
    notes = {
      "A push that waits for its answer is HTTP 200 as well: the result is then false, and the second value's "
        .. "status_type pending.",
      "The first success makes a pending device active.",
      "Codes may be letters and digits (B41832) or long (a YubiKey's).",
    },
    errors = {
      { 400, "User does not exist", "no user has that id" },
      { 400, "State token is invalid or expired", "activate the factor again (sentence of the sibling services)" },
      { 401, "Failed authentication with this factor", "wrong code (sentence of the sibling services)" },
    },
    example = {
      call = 'ol.mfa_v1:verify_factor(88888888, 525509, { otp_token = "B41832", '
        .. 'state_token = "98e008497066bc2763c52342996e06358aab2e32" })',
      http = {
        method = "POST", path = "/api/1/users/88888888/otp_devices/525509/verify",
        body = { otp_token = "B41832", state_token = "98e008497066bc2763c52342996e06358aab2e32" },
      },
    },
    sample = true,
  },

  remove_factor = {
    summary = "Remove a device from a user",
    params = { user_id = USER_ID, device_id = DEVICE_ID },
    errors = {
      { 400, "Factor could not be found", "the user has no such device; not a 404" },
    },
    example = {
      call = "ol.mfa_v1:remove_factor(88888888, 525509)",
      http = { method = "DELETE", path = "/api/1/users/88888888/otp_devices/525509" },
    },
    sample = true,
  },

  generate_token = {
    summary = "Make a temporary code that stands in for any device of a user",
    params = {
      user_id = USER_ID,
      expires_in = "seconds it lives; 72 hours at most, and when left out; clients name 120 as the least",
      reusable = "good for more than one use until it expires",
    },
    notes = {
      "Check the code with verify_factor and device 0 when the user has no device.",
      "Its success has no envelope; its errors have.",
    },
    example = {
      call = "ol.mfa_v1:generate_token(88888888, { expires_in = 300, reusable = true })",
      http = {
        method = "POST", path = "/api/1/users/88888888/mfa_token",
        body = { expires_in = 300, reusable = true },
      },
    },
    sample = { mfa_token = "55647655", reusable = true, expires_at = "2026-01-16T22:16:38Z" },
  },
}
