/* SPDX-License-Identifier: ISC */
/* Reads the catalogue of images from its folders. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/trust.h"
#include "reflashctl/ctl.h"
#include "reflashctl/source/source_list.h"
#include "reflashctl/word_match.h"

#define FOLDER	 "/catalog.d"
#define SUFFIX	 ".image"
#define MAX_FILE (64 * 1024)

/* A file, by its name; a later folder replaces the path. */
struct found {
	char *name, *path; /* owned */
};

struct found_list {
	struct found *items; /* owned */
	size_t count;
};

static void
put(struct found_list *list, const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0) {
			free(list->items[i].path);
			list->items[i].path = path;
			return;
		}
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct found){ xstrdup(name), path };
}

static bool
is_entry(const char *name)
{
	size_t len = strlen(name), end = strlen(SUFFIX);

	return name[0] != '.' && len > end &&
	    strcmp(name + len - end, SUFFIX) == 0;
}

/* Find the files of a folder, which may be missing. */
static void
look_into(
    const char *folder, struct found_list *list, struct problems *problems)
{
	struct dirent *entry;
	struct error err;
	DIR *dir = opendir(folder);

	if (dir == NULL) {
		if (errno != ENOENT)
			problems_add(
			    problems, "%s: %s", folder, strerror(errno));
		return;
	}
	if (trust_folder(folder, &err))
		while ((entry = readdir(dir)) != NULL) {
			if (is_entry(entry->d_name))
				put(list, folder, entry->d_name);
		}
	else
		problems_add(problems, "%s", err.text);
	closedir(dir);
}

static bool
is_dev_null(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(1, 3);
}

/* Read a file that nobody else could have written; NULL: it is reported. */
static char *
read_file(const char *path, size_t *len, struct problems *problems)
{
	struct error err;
	struct stat st;
	char *text;
	ssize_t n;
	int fd = trust_open(NULL, path, &st, &err);

	if (fd == -1) {
		problems_add(problems, "%s", err.text);
		return NULL;
	}
	text = xcalloc(1, MAX_FILE + 1);
	n = read(fd, text, MAX_FILE + 1);
	close(fd);
	*len = n > 0 ? (size_t)n : 0;
	if (n >= 0 && n <= MAX_FILE)
		return text;
	if (n == -1)
		problems_add(problems, "%s: %s", path, strerror(errno));
	else
		problems_add(problems,
		    "%s: this file is too large; 64 KiB are the limit", path);
	free(text);
	return NULL;
}

/* Add an entry, taken, unless another one has its name. */
static void
add(struct source_list *list, struct image_source *source)
{
	const struct image_source *other = source_list_find(list, source->name);

	if (other != NULL) {
		problems_add(&list->problems,
		    "%s: Name=%s: %s has this name already", source->origin,
		    source->name, other->origin);
		image_source_free(source);
		return;
	}
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = source;
}

static void
load(struct source_list *list, const char *path)
{
	struct image_source *source = NULL;
	char *text = NULL;
	size_t len = 0;

	if (is_dev_null(path))
		return;
	text = read_file(path, &len, &list->problems);
	if (text != NULL)
		source = image_source_parse(text, len, path, &list->problems);
	if (source != NULL)
		add(list, source);
	free(text);
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Add the folder beside this program, where nothing is installed. */
static void
add_own_folder(struct strlist *folders)
{
	char beside[PATH_MAX + sizeof(FOLDER)];
	ssize_t n = readlink("/proc/self/exe", beside, PATH_MAX);

	if (n <= 0)
		return;
	beside[n] = '\0';
	strcpy(strrchr(beside, '/'), FOLDER);
	strlist_add(folders, beside);
}

static void
find_folders(struct strlist *folders)
{
	const char *given = getenv("REFLASHD_CATALOG");
	char *copy, *rest, *one;

	if (given == NULL) {
		if (is_there(PKGDATADIR FOLDER))
			strlist_add(folders, PKGDATADIR FOLDER);
		else
			add_own_folder(folders);
		strlist_add(folders, SYSCONFDIR "/reflashd" FOLDER);
		return;
	}
	copy = rest = xstrdup(given);
	while ((one = strsep(&rest, ":")) != NULL)
		if (one[0] != '\0')
			strlist_add(folders, one);
	free(copy);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct found *)a)->name, ((const struct found *)b)->name);
}

void
source_list_load(struct source_list *list)
{
	struct found_list found = { 0 };

	*list = (struct source_list){ 0 };
	find_folders(&list->folders);
	for (size_t i = 0; i < list->folders.count; i++)
		look_into(list->folders.items[i], &found, &list->problems);
	if (found.count > 0)
		qsort(
		    found.items, found.count, sizeof(found.items[0]), by_name);
	for (size_t i = 0; i < found.count; i++) {
		load(list, found.items[i].path);
		free(found.items[i].name);
		free(found.items[i].path);
	}
	free(found.items);
}

void
source_list_fini(struct source_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		image_source_free(list->items[i]);
	free(list->items);
	problems_fini(&list->problems);
	strlist_fini(&list->folders);
	*list = (struct source_list){ 0 };
}

const struct image_source *
source_list_find(const struct source_list *list, const char *name)
{
	char file[IMAGE_FILE_SIZE];

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i]->name, name) == 0)
			return list->items[i];
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(image_source_file(list->items[i], file), name) == 0)
			return list->items[i];
	return NULL;
}

bool
source_list_guess(const struct source_list *list, const char *typed,
    const struct image_source **found)
{
	static const struct word_match kind = { "image in the catalogue",
		"images in the catalogue", "reflashctl download" };
	const char **words;
	size_t at = 0;
	bool ok;

	*found = source_list_find(list, typed);
	if (*found != NULL)
		return true;
	words = xcalloc(list->count + 1, sizeof(*words));
	for (size_t i = 0; i < list->count; i++)
		words[i] = list->items[i]->name;
	ok = word_match_find(&kind, typed, words, list->count, &at);
	free(words);
	if (ok)
		*found = list->items[at];
	for (size_t i = 0; !ok && i < list->problems.count; i++)
		complain("%s", list->problems.text[i]);
	return ok;
}
