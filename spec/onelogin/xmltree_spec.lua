-- run: plain
-- The strict reader of XML: what it takes, what it refuses and says, and that no text makes it slow or deep.
local xmltree = require "onelogin.xmltree"

local function read(text)
  local root, all = xmltree.parse(text)
  assert.is_table(root, tostring(all))
  return root, all
end

local function refused(what, text)
  local root, why = xmltree.parse(text)
  assert.is_nil(root, text:sub(1, 80))
  assert.truthy(why:find(what, 1, true), text:sub(1, 80) .. ": " .. why)
end

describe("the XML reader", function()
  it("gives elements, their text and their attributes", function()
    local root, all = read '<a x="1" y=\'2\'>one<b/>two<c z = "3" >three</c ></a>'
    assert.equal("onetwo", root.text)
    assert.equal(2, #root)
    assert.equal(3, #all)
    assert.same({ x = "1", y = "2" }, root.attributes)
    assert.equal("", root[1].text)
    assert.equal("three", root[2].text)
    assert.same({ z = "3" }, root[2].attributes)
    assert.equal(root[2], all[3])
  end)

  it("resolves namespaces where they hold", function()
    local root = read ('<p:a xmlns:p="u" xmlns="d" p:x="1" x="2"><b p:y="3"/><p:c xmlns:p="v"/>'
      .. '<e xmlns=""/><p:f/></p:a>')
    assert.equal("u", root.ns)
    assert.equal("p:a", root.qname)
    assert.same({ ["{u}x"] = "1", x = "2" }, root.attributes)
    assert.equal("d", root[1].ns)
    assert.same({ ["{u}y"] = "3" }, root[1].attributes)
    assert.equal("v", root[2].ns)
    assert.equal("", root[3].ns)
    assert.equal("u", root[4].ns)
    assert.equal("1", read '<a xml:id="1"/>'.attributes["{http://www.w3.org/XML/1998/namespace}id"])
  end)

  it("refuses namespaces that do not hold or are bent", function()
    refused("prefix p is not declared", "<p:a/>")
    refused("prefix p is not declared", '<a p:x="1"/>')
    refused("prefix p is not declared", '<a><b xmlns:p="u"/><p:c/></a>')
    refused("prefix xmlns is not declared", "<xmlns:a/>")
    refused("declared twice", '<a xmlns="u" xmlns="v"/>')
    refused("declared twice", '<a xmlns:p="u" xmlns:p="u"/>')
    refused("for no namespace", '<a xmlns:p=""/>')
    for _, bent in ipairs { 'xmlns:xml="u"', 'xmlns:xmlns="u"', 'xmlns:p="http://www.w3.org/XML/1998/namespace"',
      'xmlns="http://www.w3.org/2000/xmlns/"' } do refused("reserved", "<a " .. bent .. "/>") end
    refused("stands twice", '<a x="1" x="1"/>')
    refused("stands twice", '<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>')
    assert.same({ x = "1", ["{u}x"] = "2" }, read '<a xmlns:p="u" xmlns="u" x="1" p:x="2"/>'.attributes)
  end)

  it("joins text across comments and CDATA, whole", function()
    assert.equal("user@good.com.evil.com", read "<a>user@good.com<!-- -->.evil.com</a>".text)
    assert.equal("user@good.com.evil.com", read "<a>user@good.com<!----><!-- > --><![CDATA[.evil]]>.com</a>".text)
    assert.equal("a<b>&amp;]]c", read "<a>a<![CDATA[<b>&amp;]]]]><![CDATA[c]]></a>".text)
    assert.equal("", read "<a><![CDATA[]]></a>".text)
    refused("comment", "<a><!-- x -- y --></a>")
    refused("comment", "<a><!--->x</a>")
    refused("comment", "<a><!-- x ---></a>")
    refused("comment", "<a><!-- x")
    refused("CDATA", "<a><![CDATA[x]]</a>")
    refused("CDATA", "<![CDATA[x]]><a/>")
    refused("declaration", "<a><![cdata[x]]></a>")
    refused("]]>", "<a>]]></a>")
  end)

  it("knows the five entities and numbers of characters, no more", function()
    assert.equal("<>&\"'", read "<a>&lt;&gt;&amp;&quot;&apos;</a>".text)
    assert.equal("A\195\164\226\130\172\240\159\146\169", read "<a>&#65;&#xe4;&#x20AC;&#x1f4a9;</a>".text)
    assert.equal("\t\n\r", read "<a>&#9;&#xA;&#13;</a>".text)
    assert.equal("&lt;", read "<a>&amp;lt;</a>".text)
    assert.equal("\244\143\191\191", read "<a>&#x10FFFF;</a>".text)
    for _, bad in ipairs { "&#0;", "&#x0;", "&#8;", "&#x1F;", "&#xD800;", "&#xDFFF;", "&#xFFFE;", "&#65535;",
      "&#x110000;", "&#1114112;", "&#99999999999999999999;", "&#xFFFFFFFFFFFFFFFF;", "&nbsp;", "&AMP;", "&;", "&", "& ",
      "&amp", "&#;", "&#x;", "&#-1;", "&#1e2;", "&#X41;", "&#x4 1;", "&x;y", "&lt;&foo;" } do
      refused("names no character", "<a>" .. bad .. "</a>")
      refused("names no character", '<a x="' .. bad .. '"/>')
    end
  end)

  it("takes line ends and blanks as XML has them", function()
    assert.equal("a\nb\nc\n", read "<a>a\r\nb\rc\n</a>".text)
    assert.equal("a b  c\n", read '<a x="a\tb\r\n\nc&#xA;"/>'.attributes.x)
    assert.equal("a", read "\239\187\191<?xml version='1.0'?>\n<!-- x --><a/> <!-- y -->\n".name)
  end)

  it("takes XML 1.0 in UTF-8 alone", function()
    read '<?xml version="1.0" encoding="UTF-8" standalone="no" ?><a/>'
    read "<?xml version='1.0' encoding='utf-8'?><a/>"
    refused("XML 1.0", '<?xml version="1.1"?><a/>')
    refused("XML 1.0", '<?xml encoding="UTF-8"?><a/>')
    refused("UTF-8", '<?xml version="1.0" encoding="ISO-8859-1"?><a/>')
    refused("UTF-8", '<?xml version="1.0" encoding="UTF-7"?><a/>')
    refused("malformed", '<?xml version="1.0" encoding="UTF-8" standalone="maybe"?><a/>')
    refused("malformed", '<?xml version="1.0" x="y"?><a/>')
    refused("does not end", '<?xml version="1.0"')
    for _, bytes in ipairs { "\192\128", "\193\191", "\224\128\128", "\224\159\191", "\240\128\128\128", "\237\160\128",
      "\237\191\191", "\244\144\128\128", "\245\128\128\128", "\255", "\254", "\128", "\195", "\226\130",
      "\226\194\128\130", "\239\191\190", "\239\191\191" } do
      refused("UTF-8", "<a>" .. bytes .. "</a>")
      refused("UTF-8", '<a x="' .. bytes .. '"/>')
    end
    local good = "\194\128\223\191\224\160\128\237\159\191\238\128\128\239\191\189\240\144\128\128\244\143\191\191"
    assert.equal(good, read("<a>" .. good .. "</a>").text)
    for _, control in ipairs { "\0", "\1", "\8", "\11", "\12", "\31" } do
      refused("control character", "<a>" .. control .. "</a>")
      refused("control character", "<a" .. control .. "/>")
    end
    refused("UTF-8", "\255\254<\0a\0/\0>\0")
  end)

  it("refuses DOCTYPE, entities, processing instructions", function()
    refused("DOCTYPE", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
    refused("DOCTYPE", '<?xml version="1.0"?><!DOCTYPE a><a/>')
    refused("DOCTYPE", "<a><!DOCTYPE b></a>")
    refused("declaration", '<!ENTITY x "y"><a/>')
    refused("declaration", "<!doctype a><a/>")
    local laughs = { '<!DOCTYPE l [<!ENTITY l0 "lol">' }
    for i = 1, 9 do
      laughs[#laughs + 1] = ('<!ENTITY l%d "%s">'):format(i, (("&l%d;"):format(i - 1)):rep(10))
    end
    refused("DOCTYPE", table.concat(laughs) .. "]><l>&l9;</l>")
    for _, text in ipairs { "<a><?php x ?></a>", "<?xml-stylesheet href='x'?><a/>", " <?xml version='1.0'?><a/>",
      "<a/><?x?>", "<?xml version='1.0'?><?xml version='1.0'?><a/>" } do refused("processing instruction", text) end
  end)

  it("refuses what is not well-formed", function()
    for _, text in ipairs { "", " ", "x", "<", "<a", "<a>", "</a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a/>x",
      "x<a/>", "<a/></a>", "&lt;<a/>", "<a/>&amp;", "< a/>", "<a / >", "<a x/>", "<a x=/>", "<a x=1/>", "<a x='1/>",
      "<a x='<'/>", "<a x='1'y='2'/>", "<a 'x'/>", "<1/>", "<-a/>", "<a:/>", "<:a/>", "<a:b:c/>", "<a b:='1'/>",
      "<a :b='1'/>", "<a b:c:d='1'/>", "<a 1='1'/>", "<a></a", "<a></ a>", "<a></a x>", "<\195\164/>", "<a\n", "<a/",
      "<a x=\"1'/>", "<a xmlns:1='u'/>", "<a xmlns:='u'/>", "<a;/>", "<>", "</>", "<a><></a>", "<a>a<b</a>" } do
      local root, why = xmltree.parse(text)
      assert.is_nil(root, text)
      assert.is_string(why)
    end
  end)

  it("has bounds", function()
    refused("deeper than 64", ("<a>"):rep(100000))
    refused("deeper than 64", ("<a>"):rep(65) .. ("</a>"):rep(65))
    read(("<a>"):rep(64) .. ("</a>"):rep(64))
    refused("longer than 1048576 bytes", "<a>" .. ("x"):rep(10000000) .. "</a>")
    refused("more than 20000 elements", "<a>" .. ("<b/>"):rep(20000) .. "</a>")
    local many = {}
    for i = 1, 65 do many[i] = (" a%d='1'"):format(i) end
    refused("more than 64 attributes", "<a" .. table.concat(many) .. "/>")
    read("<a" .. table.concat(many, "", 1, 64) .. "/>")
  end)

  it("is never busy until the runner loses patience", function()
    for name, text in pairs { name = "<" .. ("a"):rep(1000000), attribute = "<a " .. ("b"):rep(1000000),
      blanks = "<a " .. (" "):rep(1000000), words = "<a " .. ("b "):rep(500000), equals = "<a b" .. (" "):rep(1000000),
      references = "<a>" .. ("&amp;"):rep(200000) .. "</a>", signs = "<a>" .. ("&"):rep(1000000) .. "</a>",
      digits = "<a>&#" .. ("0"):rep(1000000) .. "</a>", comments = "<a>" .. ("<!---->"):rep(140000) .. "</a>",
      dashes = "<a><!--" .. ("-"):rep(1000000), sections = "<a>" .. ("<![CDATA["):rep(110000) .. "</a>",
      brackets = "<a>" .. ("]"):rep(1000000) .. "</a>", ends = "<a></a" .. (" "):rep(1000000),
      declaration = "<?xml version='1.0'" .. (" "):rep(1000000), quotes = "<a " .. ("x='"):rep(300000),
      letters = "<a>" .. ("\195\164"):rep(500000) .. "</a>", colons = "<" .. (":a"):rep(500000),
      opening = ("<"):rep(1000000), small = "<a>" .. ("<b x='&lt;'/>"):rep(19000) .. "</a>",
      lines = "<a>" .. ("\r"):rep(1000000) .. "</a>" } do
      local root, why = xmltree.parse(text)
      assert.is_true(root ~= nil or type(why) == "string", name)
    end
  end)
end)
