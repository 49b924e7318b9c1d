/* Two records compared as whole objects, by what they mean and by their bytes. */
#include "tests/unit/wire/same_record.h"

#include "shared/wire/codec.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

void
same_record(const struct record *of, const void *one, const void *other)
{
	struct text first, second;

	text_init(&first, 0);
	text_init(&second, 0);
	record_json_named(&first, of, one);
	record_json_named(&second, of, other);
	CHECK_STR(second.ptr, first.ptr);
	text_clear(&first);
	text_clear(&second);
	wire_encode_record(&first, of, one);
	wire_encode_record(&second, of, other);
	CHECK(span_equal(text_span(&first), text_span(&second)));
	text_fini(&second);
	text_fini(&first);
}
