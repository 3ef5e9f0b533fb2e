#include "base/log.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/date.h"
#include "base/json.h"

static enum log_level lowest = LOG_INFO;

void log_level(enum log_level level)
{
	lowest = level;
}

void log_line(enum log_level level, const char *event, ...)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	struct arena mem;
	struct text line;
	struct json_writer w;
	char at[26];
	va_list args;

	if (level < lowest)
		return;
	arena_init(&mem, 0);
	text_init(&line, &mem);
	jw_init(&w, &line);
	instant_format(date_now(), at);
	jw_object(&w);
	jw_key(&w, "at");
	jw_text(&w, at);
	jw_key(&w, "level");
	jw_text(&w, names[level]);
	jw_key(&w, "event");
	jw_text(&w, event);
	va_start(args, event);
	for (const char *name = va_arg(args, const char *); name; name = va_arg(args, const char *)) {
		jw_key_any(&w, name);
		jw_text(&w, va_arg(args, const char *));
	}
	va_end(args);
	jw_object_end(&w);
	text_addc(&line, '\n');

	/* One write a line, so that lines of several threads do not mix. */
	ssize_t written = write(STDERR_FILENO, line.s, line.len);

	(void)written;
	arena_done(&mem);
}
