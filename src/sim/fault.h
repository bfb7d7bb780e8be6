/* SPDX-License-Identifier: ISC */
/*
 * fault -- what can be wrong with a device or with the way to it, by name.
 *
 * A set is written NAME[@COMMAND][*TIMES] joined by "+":
 * "unlock-503*1+late-announce" fails the first unlock and announces late,
 * "empty-reply@flash" answers nothing to ota_flash only.
 */
#ifndef REFLASHD_SIM_FAULT_H
#define REFLASHD_SIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* clang-format off */
#define FAULTS(X) \
/* discovery */ \
X(MDNS_MUTE, "mdns-mute", "neither announces itself nor answers a query") \
X(QUERY_MUTE, "query-mute", "announces itself at the start and after a call, answers no query") \
X(ANNOUNCE_LATE, "announce-late", "announces itself only after 5 s") \
X(NO_ADDRESS, "no-address", "SRV and TXT, never an address record") \
X(DUPLICATES, "duplicates", "sends every announcement three times") \
X(FALSE_GOODBYE, "false-goodbye", "says goodbye after 2 s, but stays") \
X(GOODBYE, "goodbye", "says goodbye when it leaves") \
X(SEQ_RESTART, "seq-restart", "announces seq 853, then seq 1") \
X(NO_SEQ, "no-seq", "TXT without seq, as old firmware") \
X(NO_PORT, "no-port", "SRV says port 0") \
X(LOWER_CASE, "lower-case", "instance is eWelink_ID") \
X(TXT_REVERSED, "txt-reversed", "TXT strings in the other order") \
X(TXT_SPLIT, "txt-split", "data1..data4 in small pieces") \
X(TXT_BROKEN, "txt-broken", "data1 is no JSON") \
X(TXT_EMPTY, "txt-empty", "TXT without a single string") \
X(TXT_OTHER_ID, "txt-other-id", "TXT and instance name have different ids") \
X(CLASH, "clash", "a second device has the same id") \
/* mode and identity */ \
X(ENCRYPTED, "encrypted", "paired with eWeLink: encrypt=true, answers 401") \
X(PAIRED, "paired", "looks like DIY mode, answers no call: still paired") \
X(OTHER_ID, "wrong-id", "/info has another id") \
X(ALL_404, "not-found", "every call is answered 404: not this device") \
X(ALL_401, "all-401", "every call is answered 401") \
X(ALL_400, "all-400", "every call is answered 400") \
X(ALL_422, "all-422", "every call is answered 422") \
X(ONLY_WITHOUT_ID, "only-without-id", "answers only calls that leave the deviceid out") \
X(WEAK_SIGNAL, "weak-signal", "rssi -85") \
X(ADDRESS_REUSED, "id-changes-before-flash", "after unlock the address belongs to another device") \
X(ADDRESS_CHANGES, "address-changes", "after unlock the device has another address") \
/* transport */ \
X(NO_ANSWER, "no-answer", "takes connections, never answers") \
X(PORT_CLOSED, "port-closed", "refuses connections to the API") \
X(UNREACHABLE, "unreachable", "announces itself, but is not there") \
X(RST, "rst", "resets the connection instead of an answer") \
X(BUSY, "busy", "resets a connection before the request (busy elsewhere)") \
X(EMPTY_REPLY, "empty-reply", "closes the connection without an answer") \
X(NOT_JSON, "not-json", "answers text that is no JSON") \
X(NOT_OBJECT, "not-object", "answers a JSON list") \
X(NO_ERROR_KEY, "no-error-key", "answers JSON without error") \
X(ERROR_STRING, "error-string", "answers an error that is a string") \
X(NO_DATA, "no-data", "answers error 0 without data") \
X(HTML, "html", "answers an HTML page with status 404") \
X(NOT_HTTP, "not-http", "answers something that is not HTTP") \
X(HTTP_500, "http-500", "answers status 500 without a body") \
X(NO_LENGTH, "no-length", "answers without Content-Length, ends by closing (fine)") \
X(HTTP_1_0, "http-1.0", "answers HTTP/1.0, ends by closing (fine)") \
X(CHUNKED, "chunked", "answers in chunks, with a header in small letters (fine)") \
X(TEXT_HTML, "text-html", "labels its JSON as text/html (fine)") \
X(KEEP_OPEN, "keep-open", "keeps the connection open for 30 s after its answer (fine)") \
X(SHORT_BODY, "short-body", "closes before the promised end of the body") \
X(SLOW, "slow", "takes 3 s for each answer (fine)") \
X(BYTE_A_SECOND, "byte-a-second", "sends its answers one byte a second") \
X(ENDLESS_BODY, "endless-body", "the body of the answer never ends") \
X(ENDLESS_HEADER, "endless-header", "the header of the answer never ends") \
X(ENDLESS_100, "endless-100", "sends 100 Continue without end") \
/* unlock */ \
X(UNLOCK_500, "unlock-500", "the cloud refuses the unlock") \
X(UNLOCK_503, "unlock-503", "the cloud cannot be reached") \
X(UNLOCK_422, "unlock-422", "unlock answers 422") \
X(UNLOCK_HANG, "unlock-hang", "unlock hangs for two minutes, then answers nothing") \
X(UNLOCK_EMPTY, "unlock-empty", "unlock answers nothing and has no effect") \
X(UNLOCK_EMPTY_WORKS, "unlock-empty-works", "unlock answers nothing, but works") \
X(UNLOCK_NO_EFFECT, "unlock-no-effect", "unlock says 0, otaUnlock stays false") \
X(UNLOCK_LATE, "unlock-late", "unlock says 0, otaUnlock is true 4 s later") \
X(UNLOCKED, "unlocked", "is unlocked from the start (fine)") \
/* flash */ \
X(FLASH_403, "flash-403", "ota_flash answers 403 and the device is locked again") \
X(FLASH_408, "flash-408", "ota_flash answers 408: download timed out") \
X(FLASH_413, "flash-413", "ota_flash answers 413: image too large") \
X(FLASH_422, "flash-422", "ota_flash answers 422: bad parameter") \
X(FLASH_424, "flash-424", "ota_flash answers 424: cannot download") \
X(FLASH_471, "flash-471", "ota_flash downloads all, then answers 471: wrong sha256") \
X(FLASH_EMPTY, "flash-empty", "ota_flash answers nothing and does nothing") \
X(FLASH_EMPTY_WORKS, "flash-empty-works", "ota_flash answers nothing, but works (fine)") \
X(FLASH_HANG, "flash-hang", "ota_flash hangs, nothing is downloaded") \
X(FLASH_HANG_WORKS, "flash-hang-works", "ota_flash hangs, but works (fine)") \
X(FLASH_REPLY_LAST, "flash-reply-last", "ota_flash answers only when the download is over (fine)") \
X(NEVER_FETCH, "never-fetch", "ota_flash says 0, nothing is downloaded (a firewall)") \
/* download */ \
X(FETCH_LATE, "fetch-late", "begins to download 5 s after its answer (fine)") \
X(STOPS_FIRST_CHUNK, "stops-first-chunk", "gives up after the first range and says 404") \
X(STALL_HALF, "stall-half", "stops at half, stays connected, says nothing") \
X(VANISH_HALF, "vanish-half", "loses its power at half, never comes back") \
X(ABORT_HALF, "abort-half", "gives up at half and says 404") \
X(REBOOT_HALF, "reboot-half", "reboots at half, comes back with its stock firmware") \
X(ADDRESS_CHANGES_IN_FLASH, "address-changes-in-flash", "at half of the download the device has another address") \
X(RECONNECTS, "reconnects", "loses its connection three times (fine)") \
X(FETCH_SLOW, "fetch-slow", "one range a second (fine)") \
X(REPEATS_RANGE, "repeats-range", "asks for every tenth range twice (fine)") \
X(QUERY_STRING, "query-string", "appends ?deviceid=&ts=&sign= and a User-Agent (fine)") \
X(NO_SLASH, "no-slash", "asks without leading slash and Host, as the B02 bulb") \
X(FETCH_FROM_OTHER, "fetch-from-other", "asks for the ranges from another address") \
/* verdict */ \
X(VERDICT_404, "verdict-404", "downloads all, then says 404: download error") \
X(VERDICT_406, "verdict-406", "downloads all, then says 406: upgrade message error") \
X(VERDICT_409, "verdict-409", "downloads all, then says 409: wrong sha256") \
X(VERDICT_410, "verdict-410", "downloads all, then says 410: internal error") \
X(VERDICT_NEW_CONNECTION, "verdict-new-connection", "its verdict comes on a connection of its own (fine)") \
X(VERDICT_NEVER, "verdict-never", "boots the image without a verdict") \
X(VERDICT_NEVER_STAYS, "verdict-never-stays", "downloads all, says nothing, stays as it was") \
X(VERDICT_FROM_OTHER, "verdict-from-other", "another address says 0 at half, the device then says 404") \
X(VERDICT_EARLY, "verdict-early", "says 0 at half and stays as it was") \
X(VERDICT_GARBAGE, "verdict-garbage", "its verdict is no JSON; boots the image") \
X(VERDICT_STRING, "verdict-string", "its verdict is {\"error\":\"0\"}; boots the image") \
X(VERDICT_TWICE, "verdict-twice", "its verdict comes twice (fine)") \
/* afterwards */ \
X(DOES_NOT_LEAVE, "does-not-leave", "says 0, then stays as it was") \
X(COMES_BACK_STOCK, "comes-back-stock", "says 0, leaves, comes back with its stock firmware") \
X(LEAVES_LATE, "leaves-late", "says 0, leaves 20 s later (fine)") \
/* the new firmware */ \
X(TASMOTA_401, "tasmota-401", "Tasmota has a web password that is not known") \
X(TASMOTA_SLOW, "tasmota-slow", "Tasmota takes 4 s for each answer (fine)") \
X(TASMOTA_LOSES, "tasmota-loses-command", "one command of each Backlog has no effect the first time") \
X(TASMOTA_RESTARTS, "tasmota-restarts", "Tasmota reboots in the middle of a Backlog, once") \
X(TASMOTA_CUTS_PASSWORD, "tasmota-cuts-password", "Tasmota keeps only the first half of a web password") \
X(TASMOTA_OTHER_MAC, "tasmota-other-mac", "Status 5 has the MAC of another device") \
X(TASMOTA_REPEATED, "tasmota-repeated", "its new firmware is behind a repeater, with the MAC of that") \
X(TASMOTA_HTML, "tasmota-html", "Tasmota answers commands with an HTML page") \
X(MODULE_LOST, "module-lost", "each restart of Tasmota sets the module back to 1") \
X(UPGRADE_FAILS, "upgrade-fails", "Tasmota downloads an upgrade and stays what it is") \
X(UPGRADE_NEVER_FETCHES, "upgrade-never-fetches", "Tasmota takes the order to upgrade and downloads nothing") \
X(UPGRADE_STUCK, "upgrade-stuck-minimal", "Tasmota boots its minimal build and does not go on") \
X(MINIMAL_TALKS, "minimal-talks", "the minimal build knows all commands, as up to 11.0") \
X(UPGRADE_MUTE, "upgrade-mute-minimal", "the minimal build answers nothing until it has the rest") \
X(ESPHOME_NO_API, "esphome-no-api", "ESPHome announces _http._tcp only, without its MAC") \
X(ESPHOME_ENCRYPTED, "esphome-encrypted", "the native API of ESPHome wants encryption (fine)") \
X(ESPHOME_WEB, "esphome-web", "of ESPHome's ports only its web server and updates answer") \
X(ESPHOME_ONLY_OTA, "esphome-only-ota", "of ESPHome's ports only that for updates answers") \
X(ESPHOME_MUTE, "esphome-mute", "accepts connections as ESPHome does, and says nothing") \
X(ESPHOME_OTHER_MAC, "esphome-other-mac", "ESPHome announces the MAC of another device")
/* clang-format on */

enum fault {
#define X(symbol, name, help) FAULT_##symbol,
	FAULTS(X)
#undef X
	    FAULT_COUNT
};

/* The calls that a fault strikes. */
enum fault_on {
	ON_INFO = 1,
	ON_UNLOCK = 2,
	ON_FLASH = 4,
	ON_OTHER = 8,
	ON_ALL = 15,
};

/* The faults of a device.  = {0} is a device without any. */
struct fault_set {
	struct {
		unsigned char on;
		unsigned short left; /* how many times more; 0: always */
	} item[FAULT_COUNT];
};

/* Replace the set by that in the text; "" and "none" mean no fault. */
bool fault_parse(const char *text, struct fault_set *, struct error *);

/* Write NAME+NAME..., for the report.  Returns dst. */
char *fault_text(const struct fault_set *, char *dst, size_t size);

bool fault_has(const struct fault_set *, enum fault);

/* Return true if the fault strikes this call, and count it down. */
bool fault_strikes(struct fault_set *, enum fault, enum fault_on);

/* Get the fault with that index; false: there are no more. */
bool fault_at(size_t index, const char **name, const char **help);

#endif
