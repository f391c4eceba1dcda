-- What is made from the table and committed: { PATH = text }, for `make docs` and for the spec that finds stale files.

local api = require "onelogin.api"
local markdown = require "spec.generate.markdown"
local stubs = require "spec.generate.stubs"

local generate = {}

--- Every resource, in the order of the table.
function generate.resources() return api.resources end

local function listing(command)
  local out, pipe = {}, assert(io.popen(command))
  for line in pipe:lines() do out[#out + 1] = line end
  pipe:close()
  return out
end

--- root: "" or a path with a slash behind.
function generate.files(root)
  local resources, files, guides = generate.resources(), {}, {}
  for _, path in ipairs(listing("cd './" .. root .. "docs' && ls *.md design/*.md 2>/dev/null")) do
    if path ~= "README.md" then guides[#guides + 1] = path end
  end
  files["docs/README.md"] = markdown.index(resources, guides, root)
  for _, resource in ipairs(resources) do files["docs/api/" .. resource .. ".md"] = markdown.page(resource) end
  files["docs/stubs/onelogin.lua"] = stubs.text(resources)
  local there, completion = pcall(require, "onelogin.cli.completion")
  if there then
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      files["docs/completions/onelogin." .. shell] = completion[shell]()
    end
  end
  return files
end

--- Files in the folders of generated ones that nothing generates any more.
function generate.stray(root, files)
  local out = {}
  for _, folder in ipairs { "api", "stubs", "completions" } do
    for _, name in ipairs(listing("ls './" .. root .. "docs/" .. folder .. "' 2>/dev/null")) do
      local path = "docs/" .. folder .. "/" .. name
      if not files[path] then out[#out + 1] = path end
    end
  end
  return out
end

function generate.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

return generate
