/* Any bytes as a settings file: the tree, the walk beside both tables, variables and the URL. */
#include <stdint.h>
#include <stdlib.h>

#include "shared/config/settings.h"

#include "shared/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run(struct span bytes, const struct settings_table *table)
{
	struct arena arena;
	struct config_warnings warnings = {0};
	struct error err = {0};
	struct settings_check check = {&arena, "fuzz.yaml", &warnings, &err};
	struct node root;

	arena_init(&arena);
	bool ok = document_parse(&arena, "fuzz.yaml", bytes, &root, &err) &&
		  settings_check(&check, table, &root);
	/* An error is a value: it is there exactly when the answer is no. */
	if (ok != (err.code == NULL))
		abort();
	const struct node *url = ok ? document_get(&root, "database_url") : NULL;
	if (url != NULL && table == &settings_environment &&
	    config_url_valid(secret_of(url->text), NULL)) {
		bool has = settings_url_has_password(url->text);
		const char *with = settings_url_with_password(&arena, url->text, url->text);
		if (!has &&
		    (!settings_url_has_password(with) || !config_url_valid(secret_of(with), NULL)))
			abort();
	}
	arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span bytes = span_of((const char *)data, size);

	run(bytes, &settings_environment);
	run(bytes, &settings_project);
	return 0;
}
