/*
 * circle_inner: what the parts of the module share.  Nobody else includes this.
 *
 *   circle.c         hooks and jobs: how each opportunity stands
 *   fit.c            a customer against a product's profile
 *   zone.c           people's win rates by industry
 *   circle_report.c  reports whose rows SQL alone cannot make
 */
#ifndef MODULES_CIRCLE_CIRCLE_INNER_H
#define MODULES_CIRCLE_CIRCLE_INNER_H

#include "engine/module.h"

extern const struct report_impl circle_reports[];

#endif
