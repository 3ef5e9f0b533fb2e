#include "sheet/part.h"

#include <stdlib.h>

enum {
	CHUNK = 64 * 1024,
	DEPTH = 64,                     /* of elements */
	TAG = 1024 * 1024,              /* bytes of a single tag or comment */
};

static bool fail_zip(struct sheet_error *error)
{
	return sheet_fail(error, 0, "zip",
	    "文件已损坏或上传不完整。请重新上传；仍不行，就在 Excel 中打开后另存为 XLSX。",
	    "The file is damaged or was not uploaded completely. Upload it again; if that does not "
	    "help, open it in Excel and save it again as XLSX.");
}

static bool fail_bomb(struct sheet_error *error)
{
	return sheet_fail(error, 0, "bomb",
	    "文件解压后太大，已停止读取。请拆成较小的文件，或另存为 CSV。",
	    "The file becomes too large when unpacked; reading was stopped. Split it into smaller "
	    "files or save it as CSV.");
}

static bool fail_entity(struct sheet_error *error)
{
	return sheet_fail(error, 0, "entity",
	    "文件内部含有 DOCTYPE 或实体声明，出于安全已拒绝。请在 Excel 中打开后另存为 XLSX。",
	    "The file contains a DOCTYPE or entity and was refused for safety. Open it in Excel and "
	    "save it again as XLSX.");
}

static bool fail_xml(const struct part *p, struct sheet_error *error)
{
	struct arena *mem = p->archive->sheet->mem;

	return sheet_fail(error, 0, "xml",
	    fmt(mem, "文件内部的 XML 在第 %lu 行有错，文件已损坏。请在 Excel 中打开后另存为 XLSX。",
	        (unsigned long)XML_GetCurrentLineNumber(p->parser)),
	    fmt(mem, "The XML inside the file is broken in its line %lu: the file is damaged. Open it "
	        "in Excel and save it again as XLSX.",
	        (unsigned long)XML_GetCurrentLineNumber(p->parser)));
}

static void close_zip(void *ptr)
{
	struct archive *a = ptr;

	zip_discard(a->zip);
}

/* Absolute, or climbing out of the archive: nothing a spreadsheet program writes. */
static bool name_is_hostile(const char *name)
{
	if (*name == '/' || *name == '\\')
		return true;
	while (name) {
		name += *name == '/' || *name == '\\';
		if (name[0] == '.' && name[1] == '.' && (!name[2] || name[2] == '/' || name[2] == '\\'))
			return true;
		name = strpbrk(name, "/\\");
	}
	return false;
}

bool archive_open(struct sheet *s, struct archive *a, struct sheet_error *error)
{
	int code = 0;

	*a = (struct archive){ .sheet = s };
	a->zip = zip_open(s->path, ZIP_RDONLY, &code);
	if (!a->zip)
		return fail_zip(error);
	arena_defer(&s->own, close_zip, a);

	int64_t entries = zip_get_num_entries(a->zip, 0);

	if (entries > SHEET_XLSX_ENTRIES)
		return fail_bomb(error);
	for (int64_t i = 0; i < entries; i++) {
		const char *name = zip_get_name(a->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);

		if (!name)
			return fail_zip(error);
		if (name_is_hostile(name))
			return sheet_fail(error, 0, "zip",
			    "压缩包里有可疑的文件名 (..)，已拒绝。请在 Excel 中另存为 XLSX 后重新上传。",
			    "The archive holds a suspicious file name (..) and was refused. Save the file "
			    "again as XLSX in Excel and upload that.");
	}
	return true;
}

bool archive_has(const struct archive *a, const char *name)
{
	return zip_name_locate(a->zip, name, ZIP_FL_NOCASE) >= 0;
}

/* Behind the namespace prefix. */
static const char *local_name(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? colon + 1 : name;
}

static void XMLCALL on_start(void *ptr, const XML_Char *name, const XML_Char **attributes)
{
	struct part *p = ptr;

	p->silent = 0;
	if (++p->depth > DEPTH) {
		struct sheet_error error;

		fail_xml(p, &error);
		part_fail(p, &error);
		return;
	}
	if (!p->failure.code && p->handler->start)
		p->handler->start(p->ptr, local_name(name), attributes);
}

static void XMLCALL on_end(void *ptr, const XML_Char *name)
{
	struct part *p = ptr;

	p->silent = 0;
	p->depth--;
	if (!p->failure.code && p->handler->end)
		p->handler->end(p->ptr, local_name(name));
}

static void XMLCALL on_text(void *ptr, const XML_Char *s, int n)
{
	struct part *p = ptr;

	p->silent = 0;
	if (!p->failure.code && p->handler->text)
		p->handler->text(p->ptr, s, (size_t)n);
}

static void XMLCALL on_doctype(void *ptr, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public_id, int internal)
{
	struct sheet_error error;

	(void)name;
	(void)system;
	(void)public_id;
	(void)internal;
	fail_entity(&error);
	part_fail(ptr, &error);
}

/* Comments, processing instructions: nothing to us, but a sign of life. */
static void XMLCALL on_other(void *ptr, const XML_Char *s, int n)
{
	struct part *p = ptr;

	(void)s;
	(void)n;
	p->silent = 0;
}

static void close_part(void *ptr)
{
	part_close(ptr);
}

bool part_open(struct archive *a, struct part *p, const char *name,
               const struct part_handler *handler, void *ptr, struct sheet_error *error)
{
	zip_stat_t st;
	int64_t index = zip_name_locate(a->zip, name, ZIP_FL_NOCASE);

	*p = (struct part){ .archive = a, .handler = handler, .ptr = ptr };
	if (index < 0 || zip_stat_index(a->zip, (zip_uint64_t)index, 0, &st) != 0)
		return fail_zip(error);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
		return sheet_fail_encrypted(error);
	/* The other methods size their memory by what the file says. */
	if (!(st.valid & ZIP_STAT_COMP_METHOD) ||
	    (st.comp_method != ZIP_CM_STORE && st.comp_method != ZIP_CM_DEFLATE))
		return fail_zip(error);
	p->file = zip_fopen_index(a->zip, (zip_uint64_t)index, 0);
	if (!p->file)
		return fail_zip(error);
	p->size = (st.valid & ZIP_STAT_SIZE) && st.size < INT64_MAX / 1000 ? (int64_t)st.size : 0;
	p->parser = XML_ParserCreate("UTF-8");
	if (!p->parser) {
		zip_fclose(p->file);
		return sheet_fail(error, 0, "io", "服务器内存不足，请稍后再试。",
		                  "The server is out of memory. Try again later.");
	}
	XML_SetUserData(p->parser, p);
	XML_SetElementHandler(p->parser, on_start, on_end);
	XML_SetCharacterDataHandler(p->parser, on_text);
	XML_SetStartDoctypeDeclHandler(p->parser, on_doctype);
	XML_SetDefaultHandler(p->parser, on_other);
	arena_defer(&a->sheet->own, close_part, p);
	return true;
}

void part_close(struct part *p)
{
	if (!p->parser)
		return;
	XML_ParserFree(p->parser);
	zip_fclose(p->file);
	p->parser = NULL;
	p->file = NULL;
}

void part_fail(struct part *p, const struct sheet_error *error)
{
	if (!p->failure.code)
		p->failure = *error;
	XML_StopParser(p->parser, XML_FALSE);
}

void part_pause(struct part *p)
{
	if (!p->failure.code)
		XML_StopParser(p->parser, XML_TRUE);
}

static bool is_utf16(const unsigned char *s)
{
	return s[0] == 0 || s[1] == 0 || (s[0] == 0xFF && s[1] == 0xFE) ||
	       (s[0] == 0xFE && s[1] == 0xFF);
}

/* Inflates the next chunk into the parser's buffer. */
static bool read_chunk(struct part *p, size_t *ret_got, struct sheet_error *error)
{
	void *chunk = XML_GetBuffer(p->parser, CHUNK);

	if (!chunk)
		return fail_bomb(error);

	int64_t got = zip_fread(p->file, chunk, CHUNK);

	if (got < 0)
		return fail_zip(error);
	/* The parser would also take UTF-16. */
	if (p->read == 0 && got >= 2 && is_utf16(chunk))
		return fail_xml(p, error);
	p->read += got;
	p->silent += got;
	p->archive->sheet->inflated += got;
	if (p->archive->sheet->inflated > SHEET_XLSX_BYTES || p->silent > TAG)
		return fail_bomb(error);
	*ret_got = (size_t)got;
	return true;
}

bool part_step(struct part *p, struct sheet_error *error)
{
	enum XML_Status status = XML_STATUS_OK;

	while (!p->done) {
		if (p->paused) {
			status = XML_ResumeParser(p->parser);
		} else {
			size_t got = 0;

			if (!read_chunk(p, &got, error))
				return false;
			status = XML_ParseBuffer(p->parser, (int)got, got == 0);
		}
		if (status == XML_STATUS_ERROR) {
			if (!p->failure.code)
				return XML_GetErrorCode(p->parser) == XML_ERROR_UNDEFINED_ENTITY
				           ? fail_entity(error)
				           : fail_xml(p, error);
			*error = p->failure;
			return false;
		}
		p->paused = status == XML_STATUS_SUSPENDED;
		if (p->paused)
			return true;

		XML_ParsingStatus now;

		XML_GetParsingStatus(p->parser, &now);
		p->done = now.parsing == XML_FINISHED;
	}
	return true;
}

const char *part_attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (text_eq(local_name(*attributes), name))
			return attributes[1];
	return NULL;
}
