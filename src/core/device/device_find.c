/* SPDX-License-Identifier: ISC */
/*
 * Finds the device that a person or a program means, by its id, its label, the
 * start of one of them, or its address.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/device/device_find.h"
#include "core/device/label.h"

#define MAX_LISTED    10 /* devices that a sentence names */
#define MAX_SUGGESTED 5
#define MAX_LIST      280 /* bytes of them, so that the sentence is whole */

/* The address that was typed. */
struct typed {
	struct in_addr address; /* 0.0.0.0: none */
	char mac[18];		/* in an IPv6 address; "": none */
};

/* Take the MAC of an interface out of its IPv6 address (RFC 4291, A). */
static void
read_mac(const unsigned char *ip, char mac[18])
{
	if (ip[11] == 0xff && ip[12] == 0xfe)
		snprintf(mac, 18, "%02x:%02x:%02x:%02x:%02x:%02x", ip[8] ^ 2,
		    ip[9], ip[10], ip[13], ip[14], ip[15]);
}

/* Read an address, without the "%eth0" that may follow; false: it is none. */
static bool
read_address(const char *name, struct typed *out)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr v6;

	*out = (struct typed){ .mac = "" };
	if (inet_pton(AF_INET, name, &out->address) == 1)
		return true;
	if (strcspn(name, "%") < sizeof(text))
		memcpy(text, name, strcspn(name, "%"));
	if (inet_pton(AF_INET6, text, &v6) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&v6))
		memcpy(&out->address, &v6.s6_addr[12], sizeof(out->address));
	else
		read_mac(v6.s6_addr, out->mac);
	return true;
}

static bool
has_address(const struct device *device, const struct typed *typed)
{
	if (typed->mac[0] != '\0')
		return strcmp(device->place.mac, typed->mac) == 0;
	return device->place.has_address && typed->address.s_addr != 0 &&
	    device->place.address.s_addr == typed->address.s_addr;
}

/*
 * Collect the devices at an address.  An address can have been that of a device
 * that left long ago, so those that are present come first.
 */
static void
collect_at(struct registry *registry, const struct typed *typed,
    bool is_present, struct strlist *fits)
{
	registry_foreach (registry, device)
		if (device->seen.is_present == is_present &&
		    has_address(device, typed))
			strlist_add(fits, device->id);
}

/* Collect the devices whose id or label begins so. */
static void
collect_by_start(
    struct registry *registry, const char *start, struct strlist *fits)
{
	size_t len = strlen(start);

	registry_foreach (registry, device)
		if (strncasecmp(device->id, start, len) == 0 ||
		    (device->label != NULL &&
			strncasecmp(device->label, start, len) == 0))
			strlist_add(fits, device->id);
}

struct device *
device_find_label(struct registry *registry, const char *label)
{
	registry_foreach (registry, device)
		if (device->label != NULL &&
		    label_is_same(device->label, label))
			return device;
	return NULL;
}

/* Find the device whose id or label is exactly this. */
static struct device *
find_exactly(struct registry *registry, const char *name)
{
	char id[DEVICE_ID_SIZE];
	struct device *device = NULL;

	if (devapi_copy_id(id, name))
		device = registry_find(registry, id);
	return device != NULL ? device : device_find_label(registry, name);
}

/* Append a word to a list of count words; false: there is no room for it. */
static bool
append(char list[MAX_LIST], size_t i, size_t count, const char *last,
    const char *word)
{
	size_t used = strlen(list);
	const char *before = i == 0 ? "" : i + 1 == count ? last : ", ";

	if (used + strlen(before) + strlen(word) >= MAX_LIST)
		return false;
	snprintf(list + used, MAX_LIST - used, "%s%s", before, word);
	return true;
}

static void
tell_ambiguous(struct registry *registry, const char *typed,
    const struct strlist *fits, struct error *err)
{
	char list[MAX_LIST] = "", title[DEVICE_TITLE_SIZE], more[32] = "";
	size_t n = 0;

	while (n < fits->count && n < MAX_LISTED &&
	    append(list, n, fits->count, ", ",
		device_title(registry_find(registry, fits->items[n]), title)))
		n++;
	if (n < fits->count)
		snprintf(more, sizeof(more), " and %zu more", fits->count - n);
	error_set(err, ENOTUNIQ, "%s matches %zu devices: %s%s", typed,
	    fits->count, list, more);
}

/* Collect the ids and the labels; the array is yours, its words borrowed. */
static const char **
known_words(struct registry *registry, size_t *count)
{
	const char **words =
	    xcalloc(2 * registry_count(registry) + 1, sizeof(*words));

	*count = 0;
	registry_foreach (registry, device) {
		words[(*count)++] = device->id;
		if (device->label != NULL)
			words[(*count)++] = device->label;
	}
	return words;
}

static void
tell_unknown(struct registry *registry, const char *typed, struct error *err)
{
	const char *close[MAX_SUGGESTED], **words;
	char list[MAX_LIST] = "";
	size_t count, n;

	words = known_words(registry, &count);
	n = suggest_words(typed, words, count, close, MAX_SUGGESTED);
	if (n > MAX_SUGGESTED)
		n = 0;
	for (size_t i = 0; i < n; i++)
		append(list, i, n, " or ", close[i]);
	free(words);
	if (list[0] != '\0')
		error_set(err, ENOENT, "%s: no such device; did you mean %s?",
		    typed, list);
	else
		error_set(err, ENOENT, "%s: no such device; %s", typed,
		    count > 0 ? "see: reflashctl devices"
			      : "none has been seen yet");
}

const char *
device_find_shown(const char *name, char *dst, size_t size)
{
	struct error err;

	if (strlen(name) < size && label_check_who(name, &err))
		text_copy(dst, size, name);
	else
		text_escape(dst, size, name, strlen(name));
	return dst;
}

struct device *
device_find(struct registry *registry, const char *name, struct strlist *fits,
    struct error *err)
{
	struct device *device = find_exactly(registry, name);
	struct typed typed;
	char shown[80];

	if (device != NULL)
		return device;
	if (name[0] != '\0' && read_address(name, &typed)) {
		collect_at(registry, &typed, true, fits);
		if (fits->count == 0)
			collect_at(registry, &typed, false, fits);
	} else if (name[0] != '\0') {
		collect_by_start(registry, name, fits);
	}
	if (fits->count == 1)
		return registry_find(registry, fits->items[0]);
	device_find_shown(name, shown, sizeof(shown));
	if (fits->count > 1)
		tell_ambiguous(registry, shown, fits, err);
	else
		tell_unknown(registry, shown, err);
	return NULL;
}
