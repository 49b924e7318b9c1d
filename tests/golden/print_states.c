/* Prints docs/reference/states.md: the life of a job, from the coordinator's own table. */
#include <stdio.h>

#include "coordinator/job_states.h"

#include "shared/base/banned.h"

int
main(void)
{
	struct text page;

	text_init(&page, 0);
	text_put(&page,
		 "<!-- Printed from the coordinator's table of states; changes belong there. "
		 "-->\n\n");
	job_states_page(&page);
	size_t written = fwrite(page.ptr, 1, page.len, stdout);
	bool whole = written == page.len && fflush(stdout) == 0;
	text_fini(&page);
	return whole ? 0 : 1;
}
