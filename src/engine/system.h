/*
 * system: the hooks of the engine's own objects – members and teams keep
 * t_reach, declarations reload the schema, settings and shares empty caches.
 * Written like any module, and always first.
 */
#ifndef ENGINE_SYSTEM_H
#define ENGINE_SYSTEM_H

#include "engine/module.h"

extern const struct module system_module;

/* Makes the records of declared roles that are not there yet. */
bool system_roles(struct ctx *ctx);

#endif
