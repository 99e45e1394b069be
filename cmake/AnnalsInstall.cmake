# What `cmake --install` puts in place beside the libraries and the shell: the public header and the
# package that find_package(annals CONFIG) reads.
include(CMakePackageConfigHelpers)

set(annals_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/annals)

install(FILES ${PROJECT_SOURCE_DIR}/annals/annals.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/annals)
install(EXPORT annalsTargets NAMESPACE annals:: DESTINATION ${annals_package_dir})

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/annalsConfig.cmake.in ${PROJECT_BINARY_DIR}/annalsConfig.cmake
  INSTALL_DESTINATION ${annals_package_dir})
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/annalsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/annalsConfig.cmake
              ${PROJECT_BINARY_DIR}/annalsConfigVersion.cmake
        DESTINATION ${annals_package_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
