/*
 * contract_inner: what the parts of the module share.
 *
 *   contract.c   terms beside policy, clauses, signing
 *   execution.c  payment plan, receipts, costs, what is changed after signing, closing
 */
#ifndef CONTRACT_INNER_H
#define CONTRACT_INNER_H

#include "engine/module.h"

/* States of a contract in which it is in force: what it says holds, and money is due. */
bool contract_in_force(struct value state);
/* Closed or cancelled: nothing of it changes any more. */
bool contract_over(struct value state);

/* execution.c: before the signature is put (does the plan add up?), after it, and when the contract is over. */
bool execution_ready(struct ctx *ctx, const struct change *c);
bool execution_begins(struct ctx *ctx, const struct change *c);
bool execution_ends(struct ctx *ctx, const struct change *c);
/* The contract is somebody else's now. */
bool execution_moves(struct ctx *ctx, const struct change *c);

bool milestone_before(struct ctx *ctx, struct change *c);
bool milestone_after(struct ctx *ctx, struct change *c);
bool instalment_before(struct ctx *ctx, struct change *c);
bool receipt_before(struct ctx *ctx, struct change *c);
bool receipt_after(struct ctx *ctx, struct change *c);
bool cost_before(struct ctx *ctx, struct change *c);
bool cost_after(struct ctx *ctx, struct change *c);
bool expense_after(struct ctx *ctx, struct change *c);
bool amend_before(struct ctx *ctx, struct change *c);
bool amend_after(struct ctx *ctx, struct change *c);
bool contract_close(struct ctx *ctx, struct action_call *call);
/* Behind an import of contracts or their parts: the job that adds up what came, and what asks for it. */
bool contract_sums(struct ctx *ctx, const struct json *args);
bool contract_imported(struct ctx *ctx, struct change *c);

#endif
