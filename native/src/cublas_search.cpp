#include "cublas_search.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <set>
#include <sstream>

namespace tacet {

namespace {

constexpr const char* kNames[] = {"libcublas.so.13", "libcublas.so.12"};
constexpr const char* kNone = ": holds no libcublas.so.13 or libcublas.so.12";

/** In the toolkit, and where a distribution has moved that. */
constexpr const char* kToolkitFolders[] = {"/lib64", "/targets/x86_64-linux/lib"};

/** Where NVIDIA's packages for Python put it, from the folder that Python is installed in. */
constexpr const char* kPackages =
    "/{lib*,local/lib}/python3*/{site,dist}-packages/nvidia/{cu13,cublas}/lib";

bool is_folder(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::string parent(const std::string& path) { return path.substr(0, path.find_last_of('/')); }

/** The path without links; itself where there is nothing. */
std::string resolved(const std::string& path) {
  char real[PATH_MAX];
  return realpath(path.c_str(), real) != nullptr ? real : path;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/** A path as part of a pattern that matches it only. */
std::string literal(const std::string& path) {
  std::string escaped;
  for (char c : path) {
    if (std::string("*?[]{}~\\").find(c) != std::string::npos) {
      escaped += '\\';
    }
    escaped += c;
  }
  return escaped;
}

/** What matches: the alternatives in their order, and what matches each by name. */
std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), GLOB_BRACE, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return paths;
}

class Finder {
 public:
  explicit Finder(CublasSearch& search) : search_(search) {}

  /** What somebody has asked for. */
  void given(const std::string& path) {
    if (is_folder(path)) {
      if (!folder(path)) {
        search_.misses.push_back(path + kNone);
      }
    } else if (exists(path)) {
      // A name without a folder would be looked up elsewhere.
      search_.libraries.push_back(path.find('/') == std::string::npos ? "./" + path : path);
    } else {
      search_.misses.push_back(path + ": there is no such file or folder");
    }
  }

  void loader() { search_.libraries.assign(std::begin(kNames), std::end(kNames)); }

  void toolkit_of(const char* name) {
    const std::string home = variable(name);
    if (!home.empty() && !toolkit(home)) {
      search_.misses.push_back(std::string(name) + "=" + home + kNone);
    }
  }

  void toolkits(const std::string& local) {
    std::vector<std::string> homes = matches(literal(local) + "/cuda*");
    // Newer ones first, but before all the link without a number, chosen for this machine.
    std::sort(homes.rbegin(), homes.rend());
    std::stable_partition(homes.begin(), homes.end(),
                          [&](const std::string& home) { return home == local + "/cuda"; });
    bool any = false;
    for (const std::string& home : homes) {
      any = toolkit(home) || any;
    }
    if (!any) {
      search_.misses.push_back(local + "/cuda*" + kNone);
    }
  }

  void pythons() {
    const std::vector<std::string> interpreters = interpreters_here();
    if (interpreters.empty()) {
      search_.misses.push_back("packages of Python: there is no python3 on the PATH");
    }
    for (const std::string& python : interpreters) {
      if (!packages_of(python)) {
        search_.misses.push_back("packages of " + python + kNone);
      }
    }
  }

 private:
  /** Whether the folder has a library, also one that was found before. */
  bool folder(const std::string& path) {
    bool any = false;
    for (const char* name : kNames) {
      const std::string file = path + "/" + name;
      if (exists(file)) {
        any = true;
        if (seen_.insert(resolved(file)).second) {
          search_.libraries.push_back(file);
        }
      }
    }
    return any;
  }

  bool toolkit(const std::string& home) {
    bool any = false;
    for (const char* place : kToolkitFolders) {
      any = folder(home + place) || any;
    }
    return any;
  }

  static std::vector<std::string> interpreters_here() {
    std::vector<std::string> found;
    const std::string chosen = variable("TACET_PYTHON");
    if (chosen.find('/') != std::string::npos) {
      found.push_back(chosen);
    }
    const std::string name = chosen.empty() || !found.empty() ? "python3" : chosen;
    std::istringstream folders(variable("PATH"));
    for (std::string folder; std::getline(folders, folder, ':');) {
      // A relative folder would be a different one for every program.
      if (!folder.empty() && folder[0] == '/' && access((folder + "/" + name).c_str(), X_OK) == 0) {
        found.push_back(folder + "/" + name);
      }
    }
    return found;
  }

  bool packages_of(const std::string& python) {
    // A virtual environment's python is a link to the one that it was made from.
    std::vector<std::string> prefixes{parent(parent(python)), parent(parent(resolved(python)))};
    if (parent(python) == prefixes[0] + "/shims") {  // of pyenv: a script that chooses a version
      for (const std::string& version : matches(literal(prefixes[0]) + "/versions/*")) {
        prefixes.push_back(version);
      }
    }
    prefixes.push_back(variable("HOME") + "/.local");
    bool any = false;
    for (const std::string& prefix : prefixes) {
      for (const std::string& place : matches(literal(prefix) + kPackages)) {
        any = folder(place) || any;
      }
      any = folder(prefix + "/lib") || any;  // of conda
    }
    return any;
  }

  CublasSearch& search_;
  std::set<std::string> seen_;
};

}  // namespace

CublasSearch search_cublas(const std::string& path, const std::string& local) {
  CublasSearch search;
  Finder finder(search);
  if (!path.empty()) {
    finder.given(path);
    return search;
  }
  finder.loader();
  finder.toolkit_of("CUDA_HOME");
  finder.toolkit_of("CUDA_PATH");
  finder.toolkits(local);
  finder.pythons();
  return search;
}

}  // namespace tacet
