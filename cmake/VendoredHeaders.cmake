# Eigen and Spectra, header-only, as the interface targets glassplast_eigen and glassplast_spectra.
#
# Tried in this order:
#   1. GLASSPLAST_HEADERS_DIR/eigen (or spectra), when given;
#   2. third_party/eigen (or spectra) of the source tree (an sdist carries them; git does not);
#   3. the system's, if its version will do;
#   4. cmake/fetch_headers.py: Debian's packages, then the projects' own archives, checked against cmake/headers.json.

set(GLASSPLAST_HEADERS_DIR "" CACHE PATH "Directory that holds eigen/ and spectra/ as fetch_headers.py lays them out")
option(GLASSPLAST_SYSTEM_HEADERS "Use Eigen and Spectra of the system when their versions will do" ON)

# Version of a header tree from its macros; empty when the file does not say.
function(glassplast_header_version file result)
  set(macros ${ARGN})
  set(parts "")
  if(EXISTS "${file}")
    file(READ "${file}" text)
    foreach(macro IN LISTS macros)
      if(text MATCHES "#define[ \t]+${macro}[ \t]+([0-9]+)")
        list(APPEND parts "${CMAKE_MATCH_1}")
      endif()
    endforeach()
  endif()
  list(JOIN parts "." version)
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

function(glassplast_eigen_version directory result)
  glassplast_header_version("${directory}/Eigen/src/Core/util/Macros.h" version
    EIGEN_WORLD_VERSION EIGEN_MAJOR_VERSION EIGEN_MINOR_VERSION)
  if(version STREQUAL "")
    # Newer Eigen keeps its version in a file of its own.
    glassplast_header_version("${directory}/Eigen/Version" version
      EIGEN_WORLD_VERSION EIGEN_MAJOR_VERSION EIGEN_MINOR_VERSION)
  endif()
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

function(glassplast_spectra_version directory result)
  glassplast_header_version("${directory}/Spectra/Util/Version.h" version
    SPECTRA_MAJOR_VERSION SPECTRA_MINOR_VERSION SPECTRA_PATCH_VERSION)
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

# Makes glassplast_${name} from headers whose version is at least `minimum` and less than `below`.
function(glassplast_find_headers name probe suffixes)
  string(JSON minimum GET "${pins}" ${name} minimum)
  string(JSON below GET "${pins}" ${name} below)
  set(directory "")
  foreach(candidate IN ITEMS "${GLASSPLAST_HEADERS_DIR}" "${PROJECT_SOURCE_DIR}/third_party")
    if(directory STREQUAL "" AND NOT candidate STREQUAL "" AND EXISTS "${candidate}/${name}/${probe}")
      set(directory "${candidate}/${name}")
      execute_process(
        COMMAND "${Python_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/cmake/fetch_headers.py"
          --check --destination "${candidate}" ${name}
        RESULT_VARIABLE status ERROR_VARIABLE message)
      if(NOT status EQUAL 0)
        message(FATAL_ERROR "${message}")
      endif()
    endif()
  endforeach()
  if(directory STREQUAL "" AND GLASSPLAST_SYSTEM_HEADERS)
    find_path(GLASSPLAST_SYSTEM_${name} NAMES "${probe}" PATH_SUFFIXES ${suffixes} NO_CACHE)
    if(GLASSPLAST_SYSTEM_${name})
      cmake_language(CALL glassplast_${name}_version "${GLASSPLAST_SYSTEM_${name}}" version)
      if(version VERSION_GREATER_EQUAL minimum AND version VERSION_LESS below)
        set(directory "${GLASSPLAST_SYSTEM_${name}}")
      else()
        message(STATUS "${GLASSPLAST_SYSTEM_${name}}: not used, ${name} ${version} is not in [${minimum}, ${below})")
      endif()
    endif()
  endif()
  if(directory STREQUAL "")
    execute_process(
      COMMAND "${Python_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/cmake/fetch_headers.py"
        --destination "${PROJECT_BINARY_DIR}/third_party" ${name}
      RESULT_VARIABLE status ERROR_VARIABLE message)
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "${message}\nInstall ${name} (>= ${minimum}, < ${below}), or set GLASSPLAST_HEADERS_DIR.")
    endif()
    if(message)
      message(STATUS "${message}")
    endif()
    set(directory "${PROJECT_BINARY_DIR}/third_party/${name}")
  endif()
  cmake_language(CALL glassplast_${name}_version "${directory}" version)
  if(version VERSION_LESS minimum OR NOT version VERSION_LESS below)
    message(FATAL_ERROR "${directory}: ${name} ${version} is not in [${minimum}, ${below})")
  endif()
  message(STATUS "${name} ${version}: ${directory}")
  add_library(glassplast_${name} INTERFACE)
  # As system headers: their warnings are not ours to fix.
  target_include_directories(glassplast_${name} SYSTEM INTERFACE "${directory}")
endfunction()

file(READ "${PROJECT_SOURCE_DIR}/cmake/headers.json" pins)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/headers.json")
glassplast_find_headers(eigen "signature_of_eigen3_matrix_library" "eigen3")
glassplast_find_headers(spectra "Spectra/Util/Version.h" "")
