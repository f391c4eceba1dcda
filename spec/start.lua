-- busted's command line without its shell wrapper: that one starts whatever `lua` happens to be.
require "busted.runner" { standalone = false }
