-- Brands as the box keeps them, and what messages and templates ask of them. A company has one
-- brand from the beginning, and it is the first (master).

local fail = require("onelogin.sandbox.fail")
local lazy = require("onelogin.sandbox.lazy")
local util = require("onelogin.sandbox.util")

local brand_store = {}

--- What a brand has when nothing is said.
brand_store.DEFAULTS = { enabled = false, master = false, custom_support_enabled = false,
  custom_color = "#000000", custom_accent_color = "#1c8dcd", custom_masking_color = "#ffffff",
  custom_masking_opacity = 40, mfa_enrollment_message = "",
  enable_custom_label_for_login_screen = false, custom_label_text_for_login_screen = "",
  login_instruction = "", login_instruction_title = "", hide_onelogin_footer = false }

local function first(box, rows)
  local brand = util.copy(brand_store.DEFAULTS)
  brand.id, brand.master, brand.enabled = 1, true, true
  brand.name = box.subdomain:sub(1, 1):upper() .. box.subdomain:sub(2)
  rows[brand.id] = brand
end

--- All brands by id.
function brand_store.brands(box) return lazy(box, "brands", first) end

--- The first brand, or nil in an account that has none.
function brand_store.master(box)
  for _, brand in pairs(brand_store.brands(box)) do
    if brand.master then return brand end
  end
end

--- The brand of a path, where the word master means the first; or nil, status, body.
function brand_store.brand_of(box, req)
  local text = req.ids.brand_id
  local brand
  if text == "master" then
    brand = brand_store.master(box)
  else
    brand = brand_store.brands(box)[util.to_integer(text)]
  end
  if brand then return brand end
  return nil, fail.not_found_v2()
end

return brand_store
