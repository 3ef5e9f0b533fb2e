#include "modules/circle/circle_inner.h"

const struct report_impl circle_reports[] = {
	{ 0 },
};
