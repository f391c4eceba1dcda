-- The resources, in the order in which help and documentation show them.
-- Each name is a file of facts beside this one, and a file of prose under ../prose.
return {
  resources = {
    "oauth",
    "users", "users_v1",
    "roles", "roles_v1",
    "groups", "groups_v1", "custom_attributes",
    "apps", "apps_v1", "connectors", "app_rules", "mappings",
    "hooks", "accounts",
    "mfa", "mfa_v1",
    "login", "saml", "saml_v1", "smart_mfa", "legacy",
    "events", "invites",
    "auth_servers", "auth_scopes", "auth_claims", "auth_clients",
    "brands", "brand_messages", "brand_templates", "email_settings",
    "reports", "risk", "self_registration_profiles",
    "privileges", "embed_apps",
  },
}
