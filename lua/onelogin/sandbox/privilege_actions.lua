-- The actions that a privilege can allow, by class: all that the official SDKs know, of which none
-- knows all. "*" alone allows everything.
return {
  apps = {
    "Create", "Delete", "Get", "List", "ManageConnectors", "ManageRoles", "ManageTabs",
    "ManageUsers", "ReapplyMappings", "Update",
  },
  directories = { "Create", "Delete", "Get", "List", "RefreshSchema", "SyncUsers", "Update" },
  events = { "Get", "List" },
  groups = { "Create", "Delete", "Get", "List", "Update" },
  mappings = { "Create", "Delete", "Get", "List", "ReapplyAll", "Update" },
  policies = {
    "Create", "Delete", "Get", "List", "SetDefault", "Update", "app:Create", "app:Delete",
    "app:Get", "app:Update", "user:Create", "user:Delete", "user:Get", "user:Update",
  },
  privileges = {
    "Create", "Delete", "Get", "List", "ListRoles", "ListUsers", "ManageRoles", "ManageUsers",
    "Update",
  },
  reports = { "Clone", "Create", "Delete", "Get", "List", "Run", "Update" },
  roles = { "Create", "Delete", "Get", "List", "ManageApps", "ManageUsers", "Update" },
  trustedidp = { "Create", "Delete", "Get", "List", "Update" },
  users = {
    "AssumeUser", "Create", "Delete", "ForceLogout", "GenerateTempMfaToken", "Get", "Invite",
    "List", "ManageApps", "ManageLicense", "ManageRoles", "ReapplyMappings", "ResetPassword",
    "Unlock", "Update",
  },
}
