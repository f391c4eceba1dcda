/* version.h - the one place that states the version.  C, Lua (core.version), the User-Agent and the
 * rockspec follow it; a spec compares them. */
#ifndef OL_VERSION_H
#define OL_VERSION_H

#define OL_VERSION "0.1.0"

#endif
