#include "cli/csv.h"

#include <string.h>

#include "cli/files.h"

#include "shared/base/banned.h"

void
csv_cell(struct text *out, const char *value, char end)
{
	bool quote = strpbrk(value, ",\"\r\n") != NULL;

	if (quote)
		text_put_char(out, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"')
			text_put_char(out, '"');
		text_put_char(out, *value);
	}
	if (quote)
		text_put_char(out, '"');
	text_put_char(out, end);
}

bool
csv_show(struct cli *cli, const struct text *csv, const char *file, struct error *err)
{
	if (file != NULL)
		return file_replace(file, csv->ptr, err);
	fputs(csv->ptr, cli->out);
	return true;
}
