/*
 * pace: server_start with other clocks than the usual, for tests that cannot
 * wait a minute.
 */
#ifndef HTTP_PACE_H
#define HTTP_PACE_H

#include "http/client.h"
#include "http/server.h"

struct server *server_start_paced(struct arena *mem, const struct server_options *options,
                                  const struct pace *pace, const char **ret_error);

#endif
