#include "engine/module.h"

struct value action_param(const struct action_call *call, const char *name)
{
	for (size_t i = 0; i < call->action->n_params; i++)
		if (text_eq(call->action->params[i].name, name))
			return call->params[i];
	assert(false && "a parameter that is not declared");
	return v_null();
}
