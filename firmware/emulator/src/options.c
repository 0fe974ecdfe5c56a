#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static bool read_option(options_t *options, int letter, const char *text, failure_t *failure);
static bool read_number(const char *name, const char *text, double least, double *value, failure_t *failure);
static bool read_feed_wire(options_t *options, const char *text, failure_t *failure);
static bool check(const options_t *options, failure_t *failure);

static const struct option LONG_OPTIONS[] = {{"firmware", required_argument, NULL, 'f'},
                                             {"board", required_argument, NULL, 'b'},
                                             {"truth", required_argument, NULL, 't'},
                                             {"eeprom", required_argument, NULL, 'e'},
                                             {"codes", required_argument, NULL, 'c'},
                                             {"marker", required_argument, NULL, 'm'},
                                             {"marker-feed", required_argument, NULL, 'w'},
                                             {"lag-ms", required_argument, NULL, 'l'},
                                             {"fault", required_argument, NULL, 'F'},
                                             {"powers", required_argument, NULL, 'p'},
                                             {"link", required_argument, NULL, 'L'},
                                             {"to-journal", required_argument, NULL, 'j'},
                                             {"power-log", required_argument, NULL, 'P'},
                                             {"host-script", required_argument, NULL, 's'},
                                             {"start-ns", required_argument, NULL, 'n'},
                                             {"duration-s", required_argument, NULL, 'd'},
                                             {"link-model", required_argument, NULL, 'M'},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

static const char HELP[] =
    "joulespan-emulator: runs the ATmega328P firmware cycle by cycle under the virtual card\n"
    "\n"
    "live, on a pty, LAG behind the wall clock, until stdin closes or SIGTERM:\n"
    "  joulespan-emulator --firmware uno.elf --board board.json --truth truth --powers ipc://powers.ipc\n"
    "\n"
    "offline, as fast as it goes:\n"
    "  joulespan-emulator --firmware uno.elf --board board.json --truth truth --to-journal serial.bin \\\n"
    "    --power-log powers.bin --host-script host.txt --start-ns 0 --duration-s 60 --link-model cdc\n"
    "\n"
    "both\n"
    "  --firmware FILE      ELF for the atmega328p\n"
    "  --board FILE         board.json: nominal values and tolerances, README.md lists the keys\n"
    "  --truth DIR          where the truth is written; made if missing\n"
    "  --eeprom FILE        the EEPROM's 1024 bytes, kept from run to run; made if missing\n"
    "  --codes FILE         every sample: u16 code, u8 input, u8 zero, u32 boot\n"
    "  --marker PATH        wires pin D2. offline: a file of `<host_ns> <0|1>` lines. live: a FIFO, made if missing,\n"
    "                       that takes 16-byte records {i64 host_ns, u8 level, u8[7] zero}\n"
    "  --marker-feed W      wires pin D2 to the runner's line, whose toggles come with the powers: straight, inverted, open\n"
    "  --lag-ms X           distance to the wall clock, default 5 (offline: only for --link-model pty)\n"
    "  --fault F            drop:RATE flip:RATE insert:RATE (per byte from the device), reset@T stall@T:D unplug@T:D\n"
    "                       (seconds); may be repeated\n"
    "live\n"
    "  --powers ENDPOINT    ZeroMQ endpoint of the power feed (protocol/power.md)\n"
    "  --link PATH          symlink that points at the pty, also after a replug\n"
    "offline\n"
    "  --to-journal FILE    serial chunks with stamps; - is stdout (statistics then go to stderr)\n"
    "  --power-log FILE     power messages, concatenated\n"
    "  --host-script FILE   what the host writes: `<host_ns> <hex bytes>` lines, ascending\n"
    "  --start-ns N         CLOCK_MONOTONIC of power-on\n"
    "  --duration-s S       how long to run\n"
    "  --link-model M       ideal, pty, cdc, ftdi1, ftdi16; default ideal\n";

bool options_read(options_t *options, int argument_count, char **arguments, failure_t *failure) {
  *options = (options_t){.lag_s = 5e-3, .link_kind = LINK_IDEAL};
  opterr = 0;
  int letter;
  while ((letter = getopt_long(argument_count, arguments, "h", LONG_OPTIONS, NULL)) != -1) {
    if (letter == '?' || letter == ':')
      return failure_set(failure, "%s: unknown option or missing value, see --help", arguments[optind - 1]);
    if (!read_option(options, letter, optarg, failure)) return false;
  }
  if (options->help) return true;
  if (optind < argument_count) return failure_set(failure, "%s: unexpected argument, see --help", arguments[optind]);
  return check(options, failure);
}

const char *options_help(void) {
  return HELP;
}

static bool read_option(options_t *options, int letter, const char *text, failure_t *failure) {
  double number;
  char *end;
  switch (letter) {
    case 'f': options->firmware = text; return true;
    case 'b': options->board = text; return true;
    case 't': options->truth = text; return true;
    case 'e': options->eeprom = text; return true;
    case 'c': options->codes = text; return true;
    case 'm': options->marker = text; return true;
    case 'w': return read_feed_wire(options, text, failure);
    case 'p': options->powers = text; return true;
    case 'L': options->link = text; return true;
    case 'j':
      options->journal = text;
      options->offline = true;
      return true;
    case 'P': options->power_log = text; return true;
    case 's': options->host_script = text; return true;
    case 'h': options->help = true; return true;
    case 'F': return fault_plan_add(&options->faults, text, failure);
    case 'l':
      /* at least a slice, its head start and the age of the feed's watermark */
      if (!read_number("--lag-ms", text, 1, &number, failure)) return false;
      options->lag_s = number * 1e-3;
      return true;
    case 'd': return read_number("--duration-s", text, 0, &options->duration_s, failure);
    case 'n':
      errno = 0;
      options->start_ns = strtoll(text, &end, 10);
      return (!errno && end != text && !*end) || failure_set(failure, "--start-ns: expected an integer, saw %s", text);
    case 'M':
      return link_model_named(text, &options->link_kind) ||
             failure_set(failure, "--link-model: expected ideal, pty, cdc, ftdi1 or ftdi16, saw %s", text);
  }
  return false;
}

static bool read_number(const char *name, const char *text, double least, double *value, failure_t *failure) {
  char *end;
  *value = strtod(text, &end);
  if (end == text || *end || !(*value >= least && *value <= 1e9))
    return failure_set(failure, "%s: expected a number from %g, saw %s", name, least, text);
  return true;
}

static bool read_feed_wire(options_t *options, const char *text, failure_t *failure) {
  if (!strcmp(text, "straight")) options->feed_wire = FEED_WIRE_STRAIGHT;
  else if (!strcmp(text, "inverted")) options->feed_wire = FEED_WIRE_INVERTED;
  else if (!strcmp(text, "open")) options->feed_wire = FEED_WIRE_OPEN;
  else return failure_set(failure, "--marker-feed: expected straight, inverted or open, saw %s", text);
  return true;
}

static bool check(const options_t *options, failure_t *failure) {
  if (options->marker && options->feed_wire != FEED_WIRE_OPEN)
    return failure_set(failure, "--marker and --marker-feed wire the same pin: give one of them");
  const struct {
    const char *name;
    bool given, needed, allowed;
  } rules[] = {
      {"--firmware", options->firmware, true, true},
      {"--board", options->board, true, true},
      {"--truth", options->truth, true, true},
      {"--powers", options->powers, !options->offline, !options->offline},
      {"--link", options->link, false, !options->offline},
      {"--power-log", options->power_log, options->offline, options->offline},
      {"--host-script", options->host_script, options->offline, options->offline},
      {"--duration-s", options->duration_s > 0, options->offline, options->offline},
  };
  const char *mode = options->offline ? "offline (--to-journal)" : "live";
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (rules[i].needed && !rules[i].given)
      return failure_set(failure, "%s is needed %s, see --help", rules[i].name, mode);
    if (rules[i].given && !rules[i].allowed)
      return failure_set(failure, "%s has no meaning %s, see --help", rules[i].name, mode);
  }
  return true;
}
