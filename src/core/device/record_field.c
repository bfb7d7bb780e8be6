/* SPDX-License-Identifier: ISC */
/*
 * Writes the members of a struct as JSON, and reads them back, by one table.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "core/device/device_json.h"
#include "core/device/record_field.h"

/* A member that is a number, by its size. */
union number {
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
};

static json_int_t
get_number(const void *member, size_t size)
{
	union number n;

	assert(size <= sizeof(n));
	memcpy(&n, member, size);
	return (json_int_t)(size == sizeof(n.u8) ? n.u8
		: size == sizeof(n.u16)		 ? n.u16
		: size == sizeof(n.u32)		 ? n.u32
						 : n.u64);
}

static void
set_number(void *member, size_t size, json_int_t value)
{
	union number n = { .u64 = (uint64_t)value };

	assert(size <= sizeof(n));
	if (size == sizeof(n.u8))
		n.u8 = (uint8_t)value;
	else if (size == sizeof(n.u16))
		n.u16 = (uint16_t)value;
	else if (size == sizeof(n.u32))
		n.u32 = (uint32_t)value;
	memcpy(member, &n, size);
}

static json_t *
make_list(const struct record_field *field, const char *texts)
{
	size_t each = field->size / (size_t)field->max;
	json_t *list = json_array();

	for (const char *text = texts;
	    text < texts + field->size && text[0] != '\0'; text += each)
		json_array_append_new(list, device_json_string(text));
	return list;
}

static json_t *
make_value(const struct record_field *field, const void *base)
{
	const void *member = (const char *)base + field->offset;
	json_t *object;

	switch (field->kind) {
	case RECORD_TEXT:
		return device_json_text(member);
	case RECORD_STRING:
		return device_json_string(member);
	case RECORD_BOOL:
		return json_boolean(*(const bool *)member);
	case RECORD_NUMBER:
		return json_integer(get_number(member, field->size));
	case RECORD_LIST:
		return make_list(field, member);
	case RECORD_OBJECT:
	case RECORD_OPTION:
		break;
	}
	if (!*(const bool *)member)
		return json_null();
	object = json_object();
	record_field_write(field->fields, base, object);
	return object;
}

void
record_field_write(
    const struct record_field *fields, const void *base, json_t *object)
{
	for (const struct record_field *f = fields; f->key != NULL; f++)
		json_object_set_new(object, f->key, make_value(f, base));
}

static void
clear_members(const struct record_field *field, void *base)
{
	memset((char *)base + field->offset, 0, field->size);
	for (const struct record_field *f = field->fields;
	    f != NULL && f->key != NULL; f++)
		clear_members(f, base);
}

/* Read a string that must fit, and must not end earlier than JSON says. */
static bool
take_text(const json_t *value, char *dst, size_t size)
{
	return json_is_string(value) &&
	    json_string_length(value) == strlen(json_string_value(value)) &&
	    text_copy(dst, size, json_string_value(value));
}

static bool
take_number(const json_t *value, const struct record_field *field, void *member)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 0 || number > field->max)
		return false;
	set_number(member, field->size, number);
	return true;
}

static bool
take_list(const json_t *list, const struct record_field *field, char *texts)
{
	size_t each = field->size / (size_t)field->max, i;
	const json_t *one;

	if (!json_is_array(list) || json_array_size(list) > (size_t)field->max)
		return false;
	memset(texts, 0, field->size);
	json_array_foreach (list, i, one)
		if (!take_text(one, texts + i * each, each) ||
		    texts[i * each] == '\0')
			return false;
	return true;
}

static bool
take_value(const json_t *value, const struct record_field *field, void *base,
    struct error *err)
{
	void *member = (char *)base + field->offset;
	bool ok = false;

	switch (field->kind) {
	case RECORD_TEXT:
	case RECORD_STRING:
		ok = take_text(value, member, field->size);
		break;
	case RECORD_BOOL:
		ok = json_is_boolean(value);
		*(bool *)member = json_is_true(value);
		break;
	case RECORD_NUMBER:
		ok = take_number(value, field, member);
		break;
	case RECORD_LIST:
		ok = take_list(value, field, member);
		break;
	case RECORD_OBJECT:
	case RECORD_OPTION:
		ok = *(bool *)member = json_is_object(value);
		if (ok && !record_field_read(field->fields, base, value, err))
			return error_prefix(err, "%s", field->key);
		break;
	}
	return ok || error_set(err, EINVAL, "%s is damaged", field->key);
}

static bool
may_be_null(enum record_kind kind)
{
	return kind == RECORD_TEXT || kind == RECORD_STRING ||
	    kind == RECORD_OPTION;
}

bool
record_field_read(const struct record_field *fields, void *base,
    const json_t *object, struct error *err)
{
	for (const struct record_field *f = fields; f->key != NULL; f++) {
		const json_t *value = json_object_get(object, f->key);
		bool is_missing = value == NULL && f->missing != RECORD_NEEDED;

		if (is_missing ||
		    (json_is_null(value) && may_be_null(f->kind))) {
			clear_members(f, base);
			if (is_missing && f->missing == RECORD_LATER_TRUE)
				*(bool *)((char *)base + f->offset) = true;
		} else if (!take_value(value, f, base, err))
			return false;
	}
	return true;
}
