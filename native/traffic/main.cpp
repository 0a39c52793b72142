// Counts the traffic of all operations and compares it with a table, writes the table, or tells the
// kernels of each operation apart: traffic compare|update TABLE, traffic kernels.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "traffic/operations.h"

namespace tacet::traffic {

Recorder::Recorder() {
  tacet_value address = 0;
  run(tacet_context_create(TACET_HOST, 0, &address));
  context_ = reinterpret_cast<tacet_context*>(address);
  run(tacet_host_configure(context_, TACET_FORWARD, 0, 1, 90));
}

Recorder::~Recorder() { tacet_context_destroy(context_); }

void Recorder::run(int status) {
  if (status != TACET_OK) {
    throw std::runtime_error(tacet_last_error());
  }
}

void Recorder::count(const std::string& name, double floor, const std::function<void()>& calls) {
  start();
  calls();
  counted_.push_back({name, std::llround(floor), stop()});
}

namespace {

/** By so much values may exceed those of the table. */
constexpr double kTolerance = 0.01;
constexpr char kCompiler[] = "# g++ ";
constexpr char kColumns[] =
    "operation\tfloor\tread\twritten\tloaded\tstored\tsectors\tdistinct/floor\tsectors/distinct";

/** The columns of a row that are compared. */
using Row = std::map<std::string, int64_t>;

Row row_of(const Traffic& t) {
  const Requests r = t.requests();
  return {{"read", t.read},
          {"written", t.written},
          {"loaded", r.loaded},
          {"stored", r.stored},
          {"sectors", r.sectors}};
}

/** Different bytes do not depend on the compiler, how often they are loaded does. */
bool is_portable(const std::string& column) { return column == "read" || column == "written"; }

struct Table {
  int compiler = __GNUC__;
  std::map<std::string, Row> rows;
};

Table read(const char* file) {
  Table table;
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind(kCompiler, 0) == 0) {
      table.compiler = std::stoi(line.substr(std::strlen(kCompiler)));
    } else if (!line.empty() && line[0] != '#' && line != kColumns) {
      const size_t tab = line.find('\t');
      std::istringstream rest(line.substr(tab));
      int64_t floor = 0;
      Row& row = table.rows[line.substr(0, tab)];
      rest >> floor >> row["read"] >> row["written"] >> row["loaded"] >> row["stored"] >>
          row["sectors"];
      if (!rest) {
        throw std::runtime_error(std::string(file) + ": expected numbers, got: " + line);
      }
    }
  }
  return table;
}

std::string text(const std::vector<Counted>& counted) {
  std::ostringstream out;
  out << "# Bytes that operations move, counted under host execution; ci/traffic.sh compares and"
         " writes it.\n"
      << kCompiler << __GNUC__ << "\n"
      << kColumns << "\n";
  for (const Counted& c : counted) {
    const Traffic& t = c.traffic;
    const Requests r = t.requests();
    const auto distinct = static_cast<double>(t.read + t.written);
    char ratios[64];
    std::snprintf(ratios, sizeof(ratios), "%.2f\t%.2f", distinct / static_cast<double>(c.floor),
                  static_cast<double>(r.sectors) / distinct);
    out << c.name << '\t' << c.floor << '\t' << t.read << '\t' << t.written << '\t' << r.loaded
        << '\t' << r.stored << '\t' << r.sectors << '\t' << ratios << '\n';
  }
  return out.str();
}

/** Compares runs with a table and keeps what is wrong. */
class Comparison {
 public:
  explicit Comparison(const char* file) : table_(read(file)) {
    if (table_.compiler != __GNUC__) {
      std::printf("traffic: g++ is %d, the table is of %d; only different bytes are compared\n",
                  __GNUC__, table_.compiler);
    }
  }

  void check(const Counted& c) {
    const int64_t distinct = c.traffic.read + c.traffic.written;
    if (static_cast<double>(distinct) < static_cast<double>(c.floor) * (1 - kTolerance)) {
      complain(c.name + ": moves " + std::to_string(distinct) +
               " different bytes, less than the floor of " + std::to_string(c.floor) +
               ": one of them is wrong");
    }
    const auto row = table_.rows.find(c.name);
    if (row == table_.rows.end()) {
      complain(c.name + ": is not in the table");
      return;
    }
    for (const auto& [column, found] : row_of(c.traffic)) {
      if (table_.compiler == __GNUC__ || is_portable(column)) {
        check(c.name + ": " + column, row->second.at(column), found);
      }
    }
    table_.rows.erase(row);
  }

  /** Returns whether all is well, after all runs. */
  bool end() {
    for (const auto& [name, row] : table_.rows) {
      complain(name + ": is in the table only");
    }
    return is_well_;
  }

 private:
  void check(const std::string& what, int64_t expected, int64_t found) {
    const auto most = static_cast<double>(expected);
    if (static_cast<double>(found) > most * (1 + kTolerance)) {
      complain(what + ": expected up to " + std::to_string(expected) + " bytes, got " +
               std::to_string(found));
    } else if (static_cast<double>(found) < most * (1 - kTolerance)) {
      std::printf("traffic: note: %s has fallen from %lld to %lld bytes\n", what.c_str(),
                  static_cast<long long>(expected), static_cast<long long>(found));
    }
  }

  void complain(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    is_well_ = false;
  }

  Table table_;
  bool is_well_ = true;
};

int compare(const char* file, const std::vector<Counted>& counted) {
  Comparison comparison(file);
  for (const Counted& c : counted) {
    comparison.check(c);
  }
  if (!comparison.end()) {
    std::fprintf(stderr,
                 "traffic: what is meant goes into the table by ci/traffic.sh --update; look at"
                 " what that changes before you commit it\n");
    return 1;
  }
  std::printf("traffic: %zu operations move no more than %s says\n", counted.size(), file);
  return 0;
}

int update(const char* file, const std::vector<Counted>& counted) {
  std::ofstream out(file);
  out << text(counted);
  if (!out.flush()) {
    throw std::runtime_error(std::string("cannot write ") + file);
  }
  std::printf("traffic: %zu operations written to %s\n", counted.size(), file);
  return 0;
}

int tell_kernels(const std::vector<Counted>& counted) {
  std::printf("operation\tkernel\tloaded\tstored\tsectors\n");
  for (const Counted& c : counted) {
    for (const auto& [kernel, r] : c.traffic.kernels) {
      std::printf("%s\t%s\t%lld\t%lld\t%lld\n", c.name.c_str(), kernel.c_str(),
                  static_cast<long long>(r.loaded), static_cast<long long>(r.stored),
                  static_cast<long long>(r.sectors));
    }
  }
  return 0;
}

int run(const std::string& mode, const char* file) {
  Recorder recorder;
  for (const auto family : {count_propagation, count_eventprop, count_egru, count_dense,
                            count_rewiring, count_elimination}) {
    family(recorder);
    forget();
  }
  const std::vector<Counted>& counted = recorder.counted();
  return mode == "kernels" ? tell_kernels(counted)
         : mode == "update" ? update(file, counted)
                            : compare(file, counted);
}

}  // namespace

}  // namespace tacet::traffic

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const bool with_table = argc == 3 && (mode == "compare" || mode == "update");
  if (!with_table && !(argc == 2 && mode == "kernels")) {
    std::fprintf(stderr, "usage: traffic compare|update TABLE, traffic kernels\n");
    return 2;
  }
  try {
    return tacet::traffic::run(mode, argv[2]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "traffic: %s\n", e.what());
    return 1;
  }
}
