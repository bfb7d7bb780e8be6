/* SPDX-License-Identifier: ISC */
/* The checksums of an image, against those that the standards print. */
#include "config.h"

#include <string.h>

#include "core/image/digest.h"

#include "unit/test.h"

/* FIPS 180-2 and RFC 1321. */
TEST(sums_are_those_of_the_standards)
{
	static const char *const cases[][3] = {
		{ "",
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b78"
		    "52b855",
		    "d41d8cd98f00b204e9800998ecf8427e" },
		{ "abc",
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f2"
		    "0015ad",
		    "900150983cd24fb0d6963f7d28e17f72" },
	};
	struct error err;
	struct digest *digest = digest_new(&err);

	assert_non_null(digest);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char sha256[DIGEST_SHA256_SIZE] = "xxx";
		char md5[DIGEST_MD5_SIZE] = "xxx";

		assert_true(digest_sha256(
		    digest, cases[i][0], strlen(cases[i][0]), sha256, &err));
		assert_string_equal(sha256, cases[i][1]);
		digest_md5(digest, cases[i][0], strlen(cases[i][0]), md5);
		assert_string_equal(md5, cases[i][2]);
	}
	digest_free(digest);
	digest_free(NULL);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
