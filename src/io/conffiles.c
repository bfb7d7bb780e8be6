/* SPDX-License-Identifier: ISC */
/*
 * Finds and reads reflashd.conf, its drop-ins and all policies, and refuses
 * files that others could have written.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/trust.h"
#include "io/conffiles.h"

#define MAX_SIZE  (256 * 1024) /* of a file; a policy is a page or two */
#define MAX_FILES 4096	       /* in a directory */

/* A file that was found.  Its directory decides nothing from here on. */
struct found {
	char *name; /* owned, as are the others */
	char *path;
};

struct found_list {
	struct found *items;
	size_t count;
};

/* The state of a load, and the lists of what went wrong. */
struct loading {
	char *text; /* room for MAX_SIZE + 1 bytes */
	struct problems *problems;
	struct strlist *unseen;
	struct problems *strays;
};

enum reading {
	READ_OK,
	READ_EMPTY,  /* no bytes, or /dev/null */
	READ_ABSENT, /* not there */
	READ_BAD,    /* a problem was added */
};

static void
found_fini(struct found_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].path);
	}
	free(list->items);
	*list = (struct found_list){ 0 };
}

/*
 * Add the file, in place of one with the same name from an earlier directory.
 */
static void
found_put(struct found_list *list, const char *dir, const char *name)
{
	struct found *found = NULL;

	for (size_t i = 0; i < list->count && found == NULL; i++)
		if (strcmp(list->items[i].name, name) == 0)
			found = &list->items[i];
	if (found == NULL) {
		list->items = xrealloc(
		    list->items, list->count + 1, sizeof(list->items[0]));
		found = &list->items[list->count++];
		*found = (struct found){ .name = xstrdup(name) };
	}
	free(found->path);
	found->path = xasprintf("%s/%s", dir, name);
}

static bool
has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return *name != '.' && len > end &&
	    strcmp(name + len - end, suffix) == 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/*
 * Note a file or directory that cannot be used.  If this process only may not
 * look at it, it is no problem, but unseen.
 */
static void
complain(struct loading *loading, const char *path, const struct error *err)
{
	if (trust_is_blind(err))
		strlist_add(loading->unseen, path);
	else
		problems_add(loading->problems, "%s", err->text);
}

/*
 * Return true if a person may have meant the file to be read.  Files that
 * editors leave behind count: 50-mini.policy~ may be all that there is.
 */
static bool
is_stray(const struct dirent *entry, const char *suffix)
{
	const char *name = entry->d_name;

	if (entry->d_type == DT_DIR || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || strncasecmp(name, "README", 6) == 0)
		return false;
	return *name != '.' || strcasestr(name, suffix) != NULL;
}

static void
read_names(DIR *handle, const char *dir, const char *suffix,
    struct found_list *list, struct loading *loading)
{
	struct problems *problems = loading->problems;
	size_t before = list->count;
	struct dirent *entry;

	errno = 0;
	while ((entry = readdir(handle)) != NULL) {
		if (has_suffix(entry->d_name, suffix))
			found_put(list, dir, entry->d_name);
		else if (is_stray(entry, suffix))
			problems_add(loading->strays,
			    "%s/%s: it is not read: only names that end in %s, "
			    "and begin without a dot, are",
			    dir, entry->d_name, suffix);
		if (list->count - before > MAX_FILES) {
			problems_add(
			    problems, "%s: more than %d files", dir, MAX_FILES);
			break;
		}
		errno = 0;
	}
	if (entry == NULL && errno != 0)
		problems_add(problems, "%s: %s", dir, strerror(errno));
}

/* Find the files of a directory, which may be missing. */
static void
find_files(const char *dir, const char *suffix, struct found_list *list,
    struct loading *loading)
{
	struct error err;
	DIR *handle;

	if (!trust_folder(dir, &err)) {
		if (err.code != ENOENT)
			complain(loading, dir, &err);
		return;
	}
	handle = opendir(dir);
	if (handle == NULL) {
		if (errno != ENOENT) /* the folder has just gone */
			problems_add(
			    loading->problems, "%s: %s", dir, strerror(errno));
		return;
	}
	read_names(handle, dir, suffix, list, loading);
	closedir(handle);
	if (list->count > 0)
		qsort(
		    list->items, list->count, sizeof(list->items[0]), by_name);
}

/* Return why an open file cannot be configuration, or NULL. */
static const char *
find_fault(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return "this is a directory, not a file";
	if (!S_ISREG(st->st_mode))
		return "this is not a regular file";
	if (st->st_size > MAX_SIZE)
		return "this file is too large; 256 KiB are the limit";
	return NULL;
}

/* Return true if the path leads to /dev/null: that switches a file off. */
static bool
is_dev_null(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(1, 3);
}

/* Read the whole file; refuse one that is being written at this moment. */
static enum reading
read_all(int fd, off_t size, const char *path, char *text, size_t *len,
    struct problems *problems)
{
	ssize_t n;

	for (*len = 0; *len <= MAX_SIZE; *len += (size_t)n) {
		n = read(fd, text + *len, MAX_SIZE + 1 - *len);
		if (n == -1 && errno == EINTR)
			n = 0;
		else if (n == -1) {
			problems_add(problems, "%s: %s", path, strerror(errno));
			return READ_BAD;
		} else if (n == 0)
			break;
	}
	if (*len == (size_t)size)
		return *len == 0 ? READ_EMPTY : READ_OK;
	problems_add(problems,
	    "%s: this file changed while it was read; try again", path);
	return READ_BAD;
}

static enum reading
read_file(const char *path, size_t *len, struct loading *loading)
{
	enum reading result = READ_BAD;
	const char *fault;
	struct error err;
	struct stat st;
	int fd;

	if (is_dev_null(path))
		return READ_EMPTY;
	fd = trust_open(NULL, path, &st, &err);
	if (fd == -1 && err.code == ENOENT)
		return READ_ABSENT;
	if (fd == -1) {
		complain(loading, path, &err);
		return READ_BAD;
	}
	fault = find_fault(&st);
	if (fault == NULL)
		result = read_all(fd, st.st_size, path, loading->text, len,
		    loading->problems);
	else
		problems_add(loading->problems, "%s: %s", path, fault);
	close(fd);
	return result;
}

/* Read the file that the operator names, which may be a link to anywhere. */
static enum reading
read_main_file(const char *path, size_t *len, struct loading *loading)
{
	char *real = realpath(path, NULL);
	enum reading result =
	    read_file(real != NULL ? real : path, len, loading);

	free(real);
	return result;
}

/* Give the text of the file and of each drop-in to take(). */
static void
read_with_drop_ins(const char *file, bool may_be_missing,
    conffiles_take_fn *take, void *ctx, struct loading *loading)
{
	char *dir = xasprintf("%s.d", file);
	struct found_list list = { 0 };
	size_t len;

	switch (read_main_file(file, &len, loading)) {
	case READ_OK:
		take(loading->text, len, file, ctx);
		break;
	case READ_ABSENT:
		if (!may_be_missing)
			problems_add(loading->problems,
			    "%s: there is no such file", file);
		break;
	case READ_EMPTY:
	case READ_BAD:
		break;
	}
	find_files(dir, ".conf", &list, loading);
	for (size_t i = 0; i < list.count; i++)
		if (read_file(list.items[i].path, &len, loading) == READ_OK)
			take(loading->text, len, list.items[i].path, ctx);
	found_fini(&list);
	free(dir);
}

void
conffiles_read(const char *file, bool may_be_missing, conffiles_take_fn *take,
    void *ctx, struct problems *problems)
{
	struct strlist unseen = { 0 };
	struct loading loading = { .text = xcalloc(1, MAX_SIZE + 1),
		.problems = problems,
		.unseen = &unseen,
		.strays = problems };

	read_with_drop_ins(file, may_be_missing, take, ctx, &loading);
	strlist_fini(&unseen);
	free(loading.text);
}

/* A configuration that is read, and what is wrong with it. */
struct config_reading {
	struct config *config;
	struct problems *problems;
};

static void
take_config(const char *text, size_t len, const char *file, void *ctx)
{
	struct config_reading *reading = ctx;

	config_parse(reading->config, text, len, file, reading->problems);
}

static void
load_config(
    struct config *config, const char *conf_file, struct loading *loading)
{
	struct config_reading reading = { config, loading->problems };

	read_with_drop_ins(conf_file == NULL ? SETUP_CONF_FILE : conf_file,
	    conf_file == NULL, take_config, &reading, loading);
	config_check(config, loading->problems);
}

static void
load_policy(struct policy_list *policies, const struct found *found,
    struct loading *loading)
{
	struct policy *policy;
	char *name;
	size_t len;

	if (read_file(found->path, &len, loading) != READ_OK ||
	    policy_text_is_empty(loading->text, len))
		return;
	name = xstrndup(found->name, strlen(found->name) - strlen(".policy"));
	policy = policy_parse(
	    name, loading->text, len, found->path, loading->problems);
	if (policy != NULL)
		policy_list_add(policies, policy);
	free(name);
}

static void
load_policies(struct policy_list *policies, const struct strlist *dirs,
    struct loading *loading)
{
	struct found_list list = { 0 };

	for (size_t i = 0; i < dirs->count; i++)
		find_files(dirs->items[i], ".policy", &list, loading);
	for (size_t i = 0; i < list.count; i++)
		load_policy(policies, &list.items[i], loading);
	found_fini(&list);
}

bool
setup_load(const char *conf_file, struct setup *out, struct problems *problems)
{
	size_t before = problems->count;
	struct loading loading = { .text = xcalloc(1, MAX_SIZE + 1),
		.problems = problems,
		.unseen = &out->unseen,
		.strays = &out->strays };

	*out = (struct setup){ .file =
				   xstrdup(conf_file != NULL ? conf_file
							     : SETUP_CONF_FILE),
		.config = config_new(),
		.policies = policy_list_new() };
	load_config(out->config, conf_file, &loading);
	load_policies(
	    out->policies, &out->config->policy_directories, &loading);
	free(loading.text);
	if (problems->count == before)
		return true;
	setup_fini(out);
	return false;
}

char *
setup_state_directory(const char *conf_file)
{
	struct config *config = config_new();
	struct problems ignored = { 0 };
	struct strlist unseen = { 0 };
	struct problems strays = { 0 };
	struct loading loading = { .text = xcalloc(1, MAX_SIZE + 1),
		.problems = &ignored,
		.unseen = &unseen,
		.strays = &strays };
	char *path;

	load_config(config, conf_file, &loading);
	path = xstrdup(config->state_directory);
	config_free(config);
	problems_fini(&ignored);
	strlist_fini(&unseen);
	problems_fini(&strays);
	free(loading.text);
	return path;
}

void
setup_fini(struct setup *setup)
{
	free(setup->file);
	config_free(setup->config);
	policy_list_free(setup->policies);
	strlist_fini(&setup->unseen);
	problems_fini(&setup->strays);
	*setup = (struct setup){ 0 };
}
