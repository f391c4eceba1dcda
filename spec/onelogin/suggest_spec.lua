local suggest = require "onelogin.suggest"

describe("suggest", function()
  local names = { "email", "username", "firstname", "lastname", "user_ids", "fields" }

  it("finds a name with two letters swapped, one missing, one too many, one wrong", function()
    assert.equal("email", suggest("emial", names))
    assert.equal("email", suggest("emal", names))
    assert.equal("email", suggest("emaill", names))
    assert.equal("email", suggest("enail", names))
  end)

  it("takes a table keyed by names as well", function()
    assert.equal("username", suggest("usrname", { username = 1, email = 2 }))
  end)

  it("ignores case, dashes and underscores' spelling", function()
    assert.equal("user_ids", suggest("USER-IDS", names))
  end)

  it("says nothing rather than something far away", function()
    assert.is_nil(suggest("zebra", names))
    assert.is_nil(suggest("x", names))
    assert.is_nil(suggest("", names))
    assert.is_nil(suggest("anything", {}))
  end)

  it("counts a swap of neighbours as one change", function()
    assert.equal("ba", suggest("ab", { "ba" }))
    assert.is_nil(suggest("ab", { "cd" }))
  end)

  it("prefers the nearest, and of two equally near the first in the alphabet", function()
    assert.equal("limit", suggest("limit", { "limits", "limit" }))
    assert.equal("bat", suggest("at", { "cat", "bat", "rat" }))
    assert.equal("bat", suggest("at", { rat = 1, cat = 1, bat = 1 }))
  end)

  it("is bounded: names of absurd length and things that are no names have no neighbour", function()
    assert.is_nil(suggest(("a"):rep(65), { ("a"):rep(64) }))
    assert.is_nil(suggest(12, names))
    assert.is_nil(suggest({}, names))
    assert.equal("email", suggest("emial", { "email", 12, true }))
  end)
end)
