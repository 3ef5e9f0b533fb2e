#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include "sheet/sheet_inner.h"

enum {
	HEAD = 64 * 1024,               /* looked at for NUL and control characters */
	BLOCK = 256 * 1024,
	RAW = 64 * 1024,
	FEW = 20,                       /* one damaged character among this many sound ones */
};

static const struct {
	const char *name;               /* as people know it */
	const char *iconv;
	const char *bom;
	size_t bom_len;
} encodings[] = {
	[SHEET_AUTO]        = { "", NULL, "", 0 },
	[SHEET_UTF8]        = { "UTF-8", NULL, "\xEF\xBB\xBF", 3 },
	[SHEET_UTF16LE]     = { "UTF-16LE", "UTF-16LE", "\xFF\xFE", 2 },
	[SHEET_UTF16BE]     = { "UTF-16BE", "UTF-16BE", "\xFE\xFF", 2 },
	[SHEET_GB18030]     = { "GB18030", "GB18030", "\x84\x31\x95\x33", 4 },
	[SHEET_WINDOWS1252] = { "Windows-1252", "CP1252", "", 0 },
};

/* What else people call them. */
static const struct {
	const char *name;
	enum sheet_encoding encoding;
} aliases[] = {
	{ "utf8", SHEET_UTF8 },          { "utf-8-sig", SHEET_UTF8 },
	{ "utf-16", SHEET_UTF16LE },     { "utf16le", SHEET_UTF16LE },
	{ "utf16be", SHEET_UTF16BE },    { "gbk", SHEET_GB18030 },
	{ "gb2312", SHEET_GB18030 },     { "cp936", SHEET_GB18030 },
	{ "cp1252", SHEET_WINDOWS1252 }, { "latin1", SHEET_WINDOWS1252 },
	{ "iso-8859-1", SHEET_WINDOWS1252 },
};

const char *sheet_encoding_name(enum sheet_encoding e)
{
	return encodings[e].name;
}

enum sheet_encoding sheet_encoding_find(const char *name)
{
	for (size_t i = SHEET_UTF8; i < LENGTH(encodings); i++)
		if (strcasecmp(name, encodings[i].name) == 0)
			return (enum sheet_encoding)i;
	for (size_t i = 0; i < LENGTH(aliases); i++)
		if (strcasecmp(name, aliases[i].name) == 0)
			return aliases[i].encoding;
	return SHEET_AUTO;
}

/* Bytes of the ASCII without NUL at the start of s. */
static size_t ascii_span(const unsigned char *s, size_t n)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = UINT64_C(0x8080808080808080);
	size_t i = 0;

	/* Below 0x80 the subtraction sets a top bit exactly for NUL. */
	for (; n - i >= 32; i += 32) {
		uint64_t w[4];

		memcpy(w, s + i, 32);
		if ((w[0] | w[1] | w[2] | w[3] | (w[0] - ones) | (w[1] - ones) | (w[2] - ones) |
		     (w[3] - ones)) & tops)
			break;
	}
	while (i < n && s[i] && s[i] < 0x80)
		i++;
	return i;
}

/* Length of the character at s, of which `n` bytes are there; 0: none, −1: it may go on. */
static int utf8_character(const unsigned char *s, size_t n)
{
	unsigned char c = s[0];
	unsigned char low = 0x80;
	unsigned char high = 0xBF;
	int len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;

	if (c < 0xC2 || c > 0xF4)
		return c && c < 0x80 ? 1 : 0;
	if (c == 0xE0)
		low = 0xA0;             /* shorter forms exist */
	if (c == 0xED)
		high = 0x9F;            /* surrogates */
	if (c == 0xF0)
		low = 0x90;
	if (c == 0xF4)
		high = 0x8F;            /* past U+10FFFF */
	if (n > 1 && (s[1] < low || s[1] > high))
		return 0;
	for (size_t i = 2; i < n && i < (size_t)len; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	return n < (size_t)len ? -1 : len;
}

/*
 * Bytes of valid UTF-8 without NUL at the start of s.  *more: what follows may
 * be a character whose end is missing.  Adds the characters beyond ASCII to *wide.
 */
static size_t utf8_span(const unsigned char *s, size_t n, bool *more, int64_t *wide)
{
	size_t i = 0;

	*more = false;
	for (;;) {
		i += ascii_span(s + i, n - i);

		/* Runs of Han: three bytes each, all combinations of these leads are valid. */
		while (n - i >= 3 && s[i] > 0xE0 && s[i] < 0xED && (s[i + 1] & 0xC0) == 0x80 &&
		       (s[i + 2] & 0xC0) == 0x80) {
			i += 3;
			++*wide;
		}
		if (i == n)
			return i;
		if (s[i] && s[i] < 0x80)
			continue;

		int len = utf8_character(s + i, n - i);

		*more = len < 0;
		if (len <= 0)
			return i;
		i += (size_t)len;
		++*wide;
	}
}

/* What a whole file looks like, counted. */
struct survey {
	int64_t wide;                   /* sound UTF-8 characters beyond ASCII */
	int64_t bad;                    /* bytes that are none */
	bool cut;                       /* the last character is incomplete */
	int64_t common, rare;           /* GB18030 characters: everyday Han and punctuation, others */
	int64_t gb_bad;
	int64_t undefined;              /* bytes Windows-1252 has no character for */
};

/* Both counters take what they can of a block and answer how much that was. */

static size_t count_utf8(struct survey *v, const unsigned char *s, size_t n, bool last)
{
	size_t i = 0;

	while (i < n) {
		bool more;

		i += utf8_span(s + i, n - i, &more, &v->wide);
		if (i == n || (more && !last))
			break;
		/* An incomplete character at the very end is damage, not another encoding. */
		v->bad++;
		v->cut = more;
		i += more ? n - i : 1;
	}
	return i;
}

static void count_1252(struct survey *v, const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v->undefined += s[i] == 0x81 || s[i] == 0x8D || s[i] == 0x8F || s[i] == 0x90 ||
		                s[i] == 0x9D;
}

static bool is_digit(unsigned char c)
{
	return c >= 0x30 && c <= 0x39;
}

static bool gb_lead(unsigned char c)
{
	return c >= 0x81 && c <= 0xFE;
}

static size_t count_gb(struct survey *v, const unsigned char *s, size_t n, bool last)
{
	size_t i = 0;

	while (i < n) {
		size_t len = 1;

		if (s[i] < 0x80) {
			i++;
			continue;
		}
		if (n - i < 4 && !last)
			break;
		if (n - i >= 4 && gb_lead(s[i]) && is_digit(s[i + 1]) && gb_lead(s[i + 2]) &&
		    is_digit(s[i + 3])) {
			v->common++;
			len = 4;
		} else if (n - i >= 2 && gb_lead(s[i]) && s[i + 1] >= 0x40 && s[i + 1] != 0x7F &&
		           s[i + 1] != 0xFF) {
			/* Western text pairs an accented letter with a plain one: never common. */
			bool common = s[i + 1] >= 0xA1 && ((s[i] >= 0xB0 && s[i] <= 0xD7) ||
			                                   (s[i] >= 0xA1 && s[i] <= 0xA9));

			v->common += common;
			v->rare += !common;
			len = 2;
		} else {
			v->gb_bad++;
		}
		count_1252(v, s + i, len);
		i += len;
	}
	return i;
}

/* Passes the whole file through a counter. */
static bool survey(struct sheet *s, struct survey *v,
                   size_t (*count)(struct survey *v, const unsigned char *s, size_t n, bool last),
                   struct sheet_error *error)
{
	unsigned char *block = arena_alloc(&s->own, BLOCK);
	int64_t offset = 0;
	size_t kept = 0;

	for (;;) {
		int64_t got = sheet_pread(s, block + kept, BLOCK - kept, offset);

		if (got < 0)
			return sheet_fail(error, 0, "io", "读取文件失败，请重新上传。",
			                  "Reading the file failed. Upload it again.");

		size_t n = kept + (size_t)got;
		bool last = n < BLOCK;
		size_t done = count(v, block, n, last);

		if (last)
			return true;
		offset += got;
		kept = n - done;
		memmove(block, block + done, kept);
	}
}

static uint32_t unit16(const unsigned char *p, bool big)
{
	return big ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
}

/* Characters that tables are full of. */
static bool is_likely(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7E) ||
	       (c >= 0xA0 && c <= 0xFF) || (c >= 0x2010 && c <= 0x2027) ||
	       (c >= 0x3000 && c <= 0x303F) || (c >= 0x4E00 && c <= 0x9FFF) ||
	       (c >= 0xD800 && c <= 0xDFFF) || (c >= 0xFF00 && c <= 0xFFEF);
}

/* UTF-16 without a mark: likely characters, and line ends or delimiters among them. */
static bool looks_utf16(const unsigned char *p, size_t n, bool big)
{
	size_t likely = 0;
	size_t breaks = 0;
	size_t nuls = 0;
	size_t printable = 0;

	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t c = unit16(p + i, big);

		if (c == 0)
			return false;
		likely += is_likely(c);
		breaks += c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ';' || c == '|';
	}
	for (size_t i = 0; i < n; i++) {
		nuls += p[i] == 0;
		printable += p[i] >= 0x20 && p[i] <= 0x7E;
	}
	/* Plain text in which a NUL stands now and then is none. */
	if (nuls * 5 < n && printable * 10 >= (n - nuls) * 9)
		return false;
	return breaks > 0 && likely * 20 >= n * 9;
}

static int64_t line_of(const unsigned char *head, size_t at)
{
	int64_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += head[i] == '\n';
	return line;
}

/* Bytes that text has none of. */
static bool refuse_binary(struct sheet *s, const unsigned char *head, size_t n,
                          struct sheet_error *error)
{
	const unsigned char *nul = memchr(head, 0, n);
	size_t controls = 0;

	for (size_t i = 0; i < n; i++)
		controls += head[i] < 0x20 && (head[i] < '\t' || head[i] > '\r') && head[i] != 0x1A;
	if (!nul && (controls < 3 || controls * 200 < n))
		return true;

	int64_t line = nul ? line_of(head, (size_t)(nul - head)) : 0;

	return sheet_fail(error, line, "binary",
	    line ? fmt(s->mem, "第 %" PRId64 " 行有空字节 (NUL)：文件已损坏，或不是表格。"
	               "请在 Excel 中打开后另存为 XLSX 或 UTF-8 CSV。", line)
	         : "这不是文本表格。请上传 CSV、TSV、XLSX 或 XLS 文件。",
	    line ? fmt(s->mem, "Line %" PRId64 " holds a NUL byte: the file is damaged or not a table. "
	               "Open it in Excel and save it as XLSX or as CSV UTF-8.", line)
	         : "This is not a table of text. Upload a CSV, TSV, XLSX or XLS file.");
}

/* Without a BOM: by the whole file. */
static bool choose(struct sheet *s, struct sheet_error *error)
{
	struct survey v = { 0 };

	if (!survey(s, &v, count_utf8, error))
		return false;
	/* Damaged UTF-8 is still UTF-8: reading names the line instead of showing gibberish. */
	if (v.bad == 0 || v.wide >= FEW * v.bad || (v.bad == 1 && v.cut && v.wide > 0)) {
		s->encoding = SHEET_UTF8;
		return true;
	}
	if (!survey(s, &v, count_gb, error))
		return false;

	bool han = v.common > 0 && v.common >= v.rare;

	if ((han && v.common >= FEW * v.gb_bad) || (v.gb_bad == 0 && v.undefined > 0)) {
		s->encoding = SHEET_GB18030;
		return true;
	}
	if (v.undefined == 0) {
		s->encoding = SHEET_WINDOWS1252;
		return true;
	}
	return sheet_fail(error, 0, "encoding",
	    "无法识别文件的字符编码。请在 Excel 中另存为“CSV UTF-8”或 XLSX 后重新上传。",
	    "The character encoding of the file cannot be recognised. Save it in Excel as "
	    "\"CSV UTF-8\" or XLSX and upload it again.");
}

static bool find(struct sheet *s, struct sheet_error *error)
{
	unsigned char *head = arena_alloc(&s->own, HEAD);
	int64_t got = sheet_pread(s, head, HEAD, 0);
	size_t n = got > 0 ? (size_t)got : 0;

	if (s->options.encoding != SHEET_AUTO) {
		s->encoding = s->options.encoding;
		return true;
	}
	if (n >= 4 && (memcmp(head, "\xFF\xFE\0\0", 4) == 0 || memcmp(head, "\0\0\xFE\xFF", 4) == 0))
		return sheet_fail(error, 0, "encoding",
		    "不支持 UTF-32 编码。请另存为 UTF-8 后重新上传。",
		    "UTF-32 is not supported. Save the file as UTF-8 and upload it again.");
	for (size_t e = SHEET_UTF8; e < LENGTH(encodings); e++)
		if (encodings[e].bom_len && n >= encodings[e].bom_len &&
		    memcmp(head, encodings[e].bom, encodings[e].bom_len) == 0) {
			s->encoding = (enum sheet_encoding)e;
			return true;
		}
	if (s->size % 2 == 0 && memchr(head, 0, n)) {
		bool big = looks_utf16(head, n, true);

		if (big || looks_utf16(head, n, false)) {
			s->encoding = big ? SHEET_UTF16BE : SHEET_UTF16LE;
			return true;
		}
	}
	return refuse_binary(s, head, n, error) && choose(s, error);
}

static void close_converter(void *ptr)
{
	struct source *src = ptr;

	iconv_close(src->converter);
}

bool encoding_open(struct sheet *s, struct source *src, struct sheet_error *error)
{
	char bom[4];

	if (!find(s, error))
		return false;

	bool wide = s->encoding == SHEET_UTF16LE || s->encoding == SHEET_UTF16BE;
	size_t bom_len = encodings[s->encoding].bom_len;

	if (wide && s->size % 2 != 0)
		return sheet_fail(error, 0, "encoding",
		    "UTF-16 文件的字节数是奇数：文件不完整。请重新导出或上传。",
		    "The UTF-16 file has an odd number of bytes: it is cut off. Export or upload it again.");
	*src = (struct source){ .fd = s->fd, .encoding = s->encoding };
	if (sheet_pread(s, bom, bom_len, 0) == (int64_t)bom_len &&
	    memcmp(bom, encodings[s->encoding].bom, bom_len) == 0)
		src->taken = (int64_t)bom_len;
	src->raw = arena_alloc(&s->own, RAW);
	if (s->encoding == SHEET_UTF8)
		return true;
	src->converter = iconv_open("UTF-8", encodings[s->encoding].iconv);
	if (src->converter == (iconv_t)-1)
		return sheet_fail(error, 0, "encoding",
		    "服务器缺少这种字符编码的转换表，请另存为 UTF-8 后重新上传。",
		    "The server lacks the table for this encoding. Save the file as UTF-8 and upload it "
		    "again.");
	arena_defer(&s->own, close_converter, src);
	return true;
}

/* Reads on; false if the disk fails. */
static bool take(struct source *src, void *to, size_t n, size_t *ret_got)
{
	ssize_t got = pread(src->fd, to, n, (off_t)src->taken);

	if (got < 0) {
		src->bad = "io";
		return false;
	}
	src->taken += got;
	src->end = got == 0;
	*ret_got = (size_t)got;
	return true;
}

/* Valid UTF-8 at the start of `out`; what follows it is kept for the next call or is damage. */
static size_t settle(struct source *src, char *out, size_t n)
{
	const unsigned char *s = (const unsigned char *)out;
	int64_t wide = 0;
	bool more;
	size_t sound = utf8_span(s, n, &more, &wide);

	if (sound == n)
		return n;
	if (more && !src->end) {
		src->raw_len = n - sound;
		memcpy(src->raw, out + sound, src->raw_len);
		return sound;
	}
	src->bad = s[sound] == 0 ? "binary" : "encoding";
	src->cut = more;
	return sound;
}

static size_t read_utf8(struct source *src, char *out, size_t room)
{
	size_t sound = 0;

	/* A block may bring nothing but the middle of one character. */
	while (sound == 0 && !src->bad && !(src->end && src->raw_len == 0)) {
		size_t kept = src->raw_len;
		size_t got = 0;

		memcpy(out, src->raw, kept);
		src->raw_len = 0;
		if (!take(src, out + kept, room - kept, &got))
			return 0;
		sound = settle(src, out, kept + got);
	}
	return sound;
}

size_t encoding_read(struct source *src, char *out, size_t room)
{
	if (src->bad)
		return 0;
	if (src->encoding == SHEET_UTF8)
		return read_utf8(src, out, room);

	for (;;) {
		size_t got = 0;

		if (!src->end && src->raw_len < RAW / 2 &&
		    !take(src, src->raw + src->raw_len, RAW - src->raw_len, &got))
			return 0;
		src->raw_len += got;
		if (src->raw_len == 0)
			return 0;

		char *in = (char *)src->raw;
		char *to = out;
		size_t in_left = src->raw_len;
		size_t to_left = room;
		bool failed = iconv(src->converter, &in, &in_left, &to, &to_left) == (size_t)-1;
		size_t made = room - to_left;

		memmove(src->raw, in, in_left);
		src->raw_len = in_left;
		if (failed && (errno == EILSEQ || (errno == EINVAL && src->end))) {
			src->bad = "encoding";
			src->cut = errno == EINVAL;
		}

		char *nul = memchr(out, 0, made);

		if (nul) {
			src->bad = "binary";
			made = (size_t)(nul - out);
		}
		if (made > 0 || src->bad)
			return made;
	}
}
