/*
 * The hash of a build, as the published wheels of the Python confiture give it: SHA-256 of the raw
 * digests of all files, each over path, NUL, bytes, NUL. Its source tree without the compiled part
 * gives another value, which nobody who installs it ever sees. The path is counted from the folder
 * that holds all the files.
 */
#include <string.h>

#include "shared/build/build.h"
#include "shared/build/paths.h"

#include "shared/base/banned.h"

void
build_hash(const struct build_file *files, size_t count, char out[SHA256_HEX])
{
	unsigned char digest[SHA256_BYTES];
	struct sha256 all, one;
	struct span base = span_of("", 0);

	if (count > 0)
		base = path_parent(span_str(files[0].path));
	for (size_t i = 1; i < count; i++)
		base = path_common(base, span_str(files[i].path));
	sha256_init(&all);
	for (size_t i = 0; i < count; i++) {
		const char *name = path_below(base, files[i].path);
		sha256_init(&one);
		sha256_add(&one, name, strlen(name) + 1);
		sha256_add(&one, files[i].bytes.ptr, files[i].bytes.len);
		sha256_add(&one, "", 1);
		sha256_raw(&one, digest);
		sha256_add(&all, digest, sizeof(digest));
	}
	sha256_hex(&all, out);
}
