/*
 * effort_inner: what the parts of the module share.  Nobody else includes this.
 *
 *   effort.c         hooks
 *   effort_report.c  shares with their intervals, hours, rhythm
 *   compare.c        is a part better than the rest
 */
#ifndef MODULES_EFFORT_EFFORT_INNER_H
#define MODULES_EFFORT_EFFORT_INNER_H

#include "engine/module.h"

extern const struct report_impl effort_reports[];

#endif
