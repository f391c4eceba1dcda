-- Prose of ../api/mfa.lua.

local USER_ID = "the user's id"
local REGISTRATION_ID = "the registration's id, from enroll_factor"
local VERIFICATION_ID = "the verification's id, from activate_factor"
local EXPIRES_IN = "seconds until the pending step lapses"
local REDIRECT_TO = "magic link only: the page that opens two seconds after success"
local CUSTOM_MESSAGE = "SMS only: the text, 160 characters when {{otp_code}} and {{otp_expiry}} are filled in"

local BAD_TOKEN = { 401, "Please provide valid credentials", "the access token is missing, unknown or expired" }

-- These two services have been seen to answer with one object and with an array of one; the call returns the
-- object either way.
local REGISTRATION = "406fefd4-8a36-4aee-880c-f3e4a928e27d"
local VERIFICATION = "afc1a96d-2006-452a-a484-b2d084b00d76"

return {
  list_factors = {
    summary = "List the factors a user could enrol",
    params = { user_id = USER_ID },
    notes = {
      "auth_factor_name says what a factor is; name is what an administrator typed.",
    },
    errors = { BAD_TOKEN },
    example = {
      call = "ol.mfa:list_factors(88888888)",
      http = { method = "GET", path = "/api/2/mfa/users/88888888/factors" },
    },
    sample = {
      { factor_id = 58958, name = "OneLogin Protect", auth_factor_name = "OneLogin" },
      { factor_id = 58959, name = "OneLogin SMS", auth_factor_name = "SMS" },
      { factor_id = 58957, name = "Authenticator", auth_factor_name = "Google Authenticator" },
    },
  },

  list_devices = {
    summary = "List the devices of a user that can be verified",
    params = { user_id = USER_ID },
    notes = {
      "device_id is a string. Devices whose enrolment is pending are not listed.",
      "auth_factor_name \"OneLogin\" is OneLogin Protect; the display names are free text.",
    },
    errors = { BAD_TOKEN },
    example = {
      call = "ol.mfa:list_devices(88888888)",
      http = { method = "GET", path = "/api/2/mfa/users/88888888/devices" },
    },
    sample = {
      { device_id = "3920360", user_display_name = "OneLogin Protect", type_display_name = "OneLogin Protect",
        auth_factor_name = "OneLogin", default = true },
      { device_id = "3920371", user_display_name = "OneLogin SMS", type_display_name = "OneLogin SMS",
        auth_factor_name = "SMS", default = false },
    },
  },

  enroll_factor = {
    summary = "Start enrolling a user with a factor",
    params = {
      user_id = USER_ID,
      factor_id = "the factor, from list_factors",
      display_name = "what the user will see",
      expires_in = EXPIRES_IN,
      verified = "skip the confirmation (SMS, voice and e-mail whose number or address is proven)",
      redirect_to = REDIRECT_TO,
      custom_message = CUSTOM_MESSAGE,
    },
    notes = {
      "status pending: confirm with verify_enrollment (SMS, e-mail, authenticator) or poll get_enrollment (voice, "
        .. "Protect). accepted: the device is ready.",
      "factor_data.totp_url is what an authenticator scans, factor_data.verification_token what Protect takes.",
      "Number and address come from the user's profile. Duo cannot be enrolled here.",
    },
    errors = { BAD_TOKEN },
    example = {
      call = 'ol.mfa:enroll_factor(88888888, { factor_id = 58957, display_name = "Phone", expires_in = 300 })',
      http = {
        method = "POST", path = "/api/2/mfa/users/88888888/registrations",
        body = { factor_id = 58957, display_name = "Phone", expires_in = 300 },
      },
    },
    sample = {
      id = REGISTRATION, status = "pending", auth_factor_name = "Google Authenticator", device_id = "3919988",
      type_display_name = "Authenticator", user_display_name = "Phone", expires_at = "2026-07-21T20:26:44Z",
      factor_data = { totp_url = "otpauth://totp/acme:ashley?secret=JBSWY3DPEHPK3PXP&issuer=acme" },
    },
  },

  verify_enrollment = {
    summary = "Confirm a pending enrolment with its code",
    params = {
      user_id = USER_ID, registration_id = REGISTRATION_ID,
      otp = "the code, as a string: zeros in front and letters matter",
    },
    notes = {
      "A wrong code is no error: status stays pending, and only accepted is success.",
    },
    errors = { BAD_TOKEN },
    example = {
      call = 'ol.mfa:verify_enrollment(88888888, "' .. REGISTRATION .. '", { otp = "058959" })',
      http = {
        method = "PUT", path = "/api/2/mfa/users/88888888/registrations/" .. REGISTRATION,
        body = { otp = "058959" },
      },
    },
    sample = { id = REGISTRATION, status = "accepted", device_id = "3919988" },
  },

  get_enrollment = {
    summary = "Read how far an enrolment is",
    params = { user_id = USER_ID, registration_id = REGISTRATION_ID },
    notes = {
      "status is pending, accepted or rejected. No page says how often to ask; every two seconds is polite.",
    },
    errors = { BAD_TOKEN },
    example = {
      call = 'ol.mfa:get_enrollment(88888888, "' .. REGISTRATION .. '")',
      http = { method = "GET", path = "/api/2/mfa/users/88888888/registrations/" .. REGISTRATION },
    },
    sample = { id = REGISTRATION, status = "accepted", device_id = "3919988" },
  },

  activate_factor = {
    summary = "Start verifying a device: send its code, push, call or link",
    params = {
      user_id = USER_ID,
      device_id = "the device, from list_devices; or the one that generate_token answers",
      expires_in = EXPIRES_IN,
      redirect_to = REDIRECT_TO,
      custom_message = CUSTOM_MESSAGE,
      otp = "a code the user has already: verifies in this one call",
    },
    notes = {
      "Every device needs it, an authenticator too, unless otp is given here.",
      "Without otp a Protect device gets a push each time.",
    },
    errors = { BAD_TOKEN },
    example = {
      call = "ol.mfa:activate_factor(88888888, { device_id = 3920371, expires_in = 240 })",
      http = {
        method = "POST", path = "/api/2/mfa/users/88888888/verifications",
        body = { device_id = 3920371, expires_in = 240 },
      },
    },
    sample = {
      id = VERIFICATION, auth_factor_name = "SMS", type_display_name = "OneLogin SMS",
      user_display_name = "OneLogin SMS", user_id = "88888888", device_id = "3920371",
      expires_at = "2026-07-21T20:26:44Z",
    },
  },

  verify_factor = {
    summary = "Check the code of a started verification",
    params = {
      user_id = USER_ID, verification_id = VERIFICATION_ID,
      otp = "the code, as a string",
      device_id = "the device; asked for with authenticators",
    },
    notes = {
      "HTTP 200 says nothing: a wrong code leaves status pending, and only accepted is success.",
      "The documented answer is a v1 status object, which counts when its error is false.",
      "Pushes, calls and magic links are polled with get_verification instead.",
    },
    errors = {
      BAD_TOKEN,
      { 403, "You are not authorised to perform this action or access the resource",
        "the pair may not act on this user or verification" },
    },
    example = {
      call = 'ol.mfa:verify_factor(88888888, "' .. VERIFICATION .. '", { otp = "058959" })',
      http = {
        method = "PUT", path = "/api/2/mfa/users/88888888/verifications/" .. VERIFICATION,
        body = { otp = "058959" },
      },
    },
    sample = { id = VERIFICATION, status = "accepted", device_id = "3920371" },
  },

  get_verification = {
    summary = "Read how a started verification stands",
    params = { user_id = USER_ID, verification_id = VERIFICATION_ID },
    notes = {
      "status is pending, accepted, or rejected (refused, or the wrong key on the phone).",
      "What a lapsed verification answers is not documented: stop at expires_at by your own clock.",
    },
    errors = {
      BAD_TOKEN,
      { 404, "The resource can't be found or the server has not found anything matching the Request-URI",
        "no such verification, or no such user" },
    },
    example = {
      call = 'ol.mfa:get_verification(88888888, "' .. VERIFICATION .. '")',
      http = { method = "GET", path = "/api/2/mfa/users/88888888/verifications/" .. VERIFICATION },
    },
    sample = { id = VERIFICATION, status = "pending", device_id = "3920371" },
  },

  remove_factor = {
    summary = "Remove a device from a user",
    params = { user_id = USER_ID, device_id = "the device, from list_devices" },
    errors = { BAD_TOKEN },
    example = {
      call = 'ol.mfa:remove_factor(88888888, "3920371")',
      http = { method = "DELETE", path = "/api/2/mfa/users/88888888/devices/3920371" },
    },
    sample = true,
  },

  generate_token = {
    summary = "Make a temporary code for a user, and a device to check it against",
    params = {
      user_id = USER_ID,
      expires_in = "seconds it lives; 72 hours at most, and when left out",
      reusable = "good for more than one use until it expires",
    },
    notes = {
      "device_id is a word here (user_temp_otp_...): never turn device ids into numbers.",
    },
    errors = {
      BAD_TOKEN,
      { 422, "Validations failed", "the body was refused; no page says why that may be" },
    },
    example = {
      call = "ol.mfa:generate_token(88888888, { expires_in = 3600 })",
      http = {
        method = "POST", path = "/api/2/mfa/users/88888888/mfa_token",
        body = { expires_in = 3600 },
      },
    },
    sample = { mfa_token = "25992782", expires_at = "2026-07-27T23:25:50Z", reusable = false,
               device_id = "user_temp_otp_88888888" },
  },
}
