-- Prose of ../api/smart_mfa.lua.

local BAD_TOKEN = { 401, "The request requires user authentication.", "the access token is missing or not valid" }

return {
  validate_user = {
    summary = "Score the risk of a sign-in, and send a code when it is high",
    params = {
      user_identifier = "your own unchanging key of the person; somebody new is registered",
      context = "the request that the score is about",
      ["context.user_agent"] = "user agent of the person's request",
      ["context.ip"] = "address of the person",
      ["context.session_id"] = "your session",
      ["context.device_id"] = "your device id",
      ["context.device_fingerprint"] = "fingerprint of the device",
      phone = "number for an SMS, E.164; the same every time",
      email = "address for a mail; the same every time",
      risk_threshold = "the score from which a code is sent",
      firstname = "first name in the message",
      lastname = "last name in the message",
      expires_in = "seconds the state token lives",
    },
    notes = {
      "mfa.otp_sent false: the score is low, let the person in. true: ask for the code and call verify_token.",
    },
    errors = { BAD_TOKEN },
    example = {
      call = 'ol.smart_mfa:validate_user { user_identifier = "ashley", email = "ashley@acme.com", '
        .. 'context = { user_agent = "Mozilla/5.0", ip = "203.0.113.9" } }',
      http = {
        method = "POST", path = "/api/2/smart-mfa",
        body = { user_identifier = "ashley", email = "ashley@acme.com",
                 context = { user_agent = "Mozilla/5.0", ip = "203.0.113.9" } },
      },
    },
    sample = {
      user_id = 60254824, risk = { score = 93, reasons = { "Accessed from a new IP address" } },
      mfa = { otp_sent = true, state_token = "67ff7e91-ec38-467d-b7df-c0f4f61efd73" },
    },
  },

  verify_token = {
    summary = "Check the code of a Smart MFA validation",
    params = {
      state_token = "from validate_user",
      otp_token = "the code the person received",
    },
    errors = {
      { 400, "State token is invalid or expired", "unknown, used or lapsed" },
      { 401, "Failed authentication with this factor", "wrong code; name is Unauthorized" },
      BAD_TOKEN,
    },
    example = {
      call = 'ol.smart_mfa:verify_token { state_token = "67ff7e91-ec38-467d-b7df-c0f4f61efd73", '
        .. 'otp_token = "123456" }',
      http = {
        method = "POST", path = "/api/2/smart-mfa/verify",
        body = { state_token = "67ff7e91-ec38-467d-b7df-c0f4f61efd73", otp_token = "123456" },
      },
    },
    sample = "OK",
  },
}
