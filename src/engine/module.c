#include "engine/module.h"

struct value action_param(const struct action_call *call, const char *name)
{
	for (size_t i = 0; i < call->action->n_params; i++)
		if (text_eq(call->action->params[i].name, name))
			return call->params[i];
	assert(false && "a parameter that is not declared");
	return v_null();
}

void action_answer(struct action_call *call, const char *key, int64_t id)
{
	jw_object(call->out);
	jw_key(call->out, key);
	jw_id(call->out, id);
	jw_object_end(call->out);
	call->answered = true;
}
