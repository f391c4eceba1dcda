-- A flow is a small state machine whose states and edges are data, so they can be counted, drawn and
-- checked; this file checks such a table once and answers "where does this event lead from here".
local M = {}

local Machine = {}
Machine.__index = Machine

-- spec: name, version, states = { NAME = "what it means" }, final = { NAME = true, ... },
-- first = NAME, edges = { { from, event, to }, ... }.  Throws when the table contradicts itself.
function M.define(spec)
  local index, out = {}, {}
  for name in pairs(spec.states) do
    index[name], out[name] = {}, 0
  end
  assert(index[spec.first], "the first state is not declared")
  for _, edge in ipairs(spec.edges) do
    local from, event, to = edge[1], edge[2], edge[3]
    assert(index[from] and index[to], ("edge %s --%s--> %s: undeclared state"):format(from, event, to))
    assert(not spec.final[from], ("edge %s --%s-->: a final state has no way out"):format(from, event))
    assert(not index[from][event], ("edge %s --%s-->: declared twice"):format(from, event))
    index[from][event] = to
    out[from] = out[from] + 1
  end
  for name in pairs(spec.states) do
    assert(spec.final[name] or out[name] > 0, ("state %s has no way out"):format(name))
  end
  return setmetatable({
    name = spec.name, version = spec.version, states = spec.states, final = spec.final, first = spec.first,
    edges = spec.edges, index = index,
  }, Machine)
end

-- The state an event leads to.  An event without an edge is a bug of the flow, not of its caller.
function Machine:next(state, event)
  local to = self.index[state] and self.index[state][event]
  if not to then
    error(("flow %s: no edge for '%s' from %s"):format(self.name, tostring(event), tostring(state)))
  end
  return to
end

return M
