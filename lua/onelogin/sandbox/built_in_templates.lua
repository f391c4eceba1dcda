-- The templates every account has, by what they are for. The first is the service's own text; the
-- others are short ones in its manner.

local templates = {
  email_forgot_password = {
    subject = "Forgot your password",
    html = "<p>If you have requested a new password for your OneLogin account,\n"
      .. "please click on the link below to select a new password.</p>"
      .. "<p>Click link to reset your password</p>"
      .. "<p><a clicktracking=\"off\" href=\"{{url}}\">Click here to reset your password</a></p>"
      .. "<p>If you did not request a new password, please ignore this email.</p>",
    plain = "If you have requested a new password for your OneLogin account,\n"
      .. "use the link below to reset your password\nLink: {{url}}\n\n"
      .. "If you did not request a new password, please ignore this email.",
  },
}

local PURPOSES = {
  registration = "registration", login_verification = "sign-in", app_verification = "app",
  pw_reset_verification = "password reset",
}

for purpose, word in pairs(PURPOSES) do
  local subject = "Your " .. word .. " code"
  templates["email_code_" .. purpose] = {
    subject = subject,
    html = "<p>Here is the code: {{otp_code}}</p><p>It is good for {{otp_expiry}} minutes.</p>",
    plain = "Here is the code: {{otp_code}}\nIt is good for {{otp_expiry}} minutes.",
  }
  templates["email_magiclink_" .. purpose] = {
    subject = "Your " .. word .. " link",
    html = "<p><a href=\"{{url}}\">Click here to go on</a></p>",
    plain = "Go on here: {{url}}",
  }
  templates["sms_" .. purpose] = { message = "{{otp_code}} is " .. subject:gsub("^Your", "your") .. "." }
end

return templates
